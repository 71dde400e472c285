// Charts of the figures: reads what a <figure data-chart> describes and draws it with ECharts. The table beside it is the
// truth and is there without this script; a figure whose drawing fails keeps its table and shows no empty frame.
import * as echarts from "./vendor/echarts.esm.min.js";

const drawn = new Map();
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const known = (value) => value !== null && value !== undefined;

const is_dark = () => /^#[0-4]/.test(token("--paper")); // high contrast: what is pale on paper is loud on black

function colours() {
  const named = { now: "--act", past: "--edge", danger: "--danger", good: "--good", soon: is_dark() ? "--soon-ground" : "--soon", sealed: "--sealed" };
  return Object.fromEntries(Object.entries(named).map(([look, name]) => [look, token(name)]));
}

// Holidays lie as a pale column behind the lines: a day alone is as wide as its place on the axis.
function shade(chart) {
  const pairs = chart.series.flatMap((one) => one.shaded || []);
  if (!pairs.length) return [];
  const data = chart.names.map(() => null);
  for (const [from, to] of pairs) {
    const [first, last] = [chart.names.indexOf(from), chart.names.indexOf(to)];
    for (let at = Math.max(first, 0); first >= 0 && at <= last; at += 1) data[at] = 1;
  }
  return [{ type: "bar", name: "", yAxisIndex: 1, data, barWidth: "100%", barCategoryGap: "0%", silent: true, z: 0,
    itemStyle: { color: token("--line"), opacity: is_dark() ? .3 : .6 } }];
}

function target(one, flat) {
  if (one.target === undefined) return {};
  const label = { show: true, position: flat ? "start" : "insideEndTop", color: token("--danger"), formatter: `${one.target_name || ""} ${one.target}` };
  return { markLine: { silent: true, symbol: "none", animation: false, label, data: [flat ? { xAxis: one.target } : { yAxis: one.target }],
    lineStyle: { color: token("--danger"), type: "dotted", width: 1.5 } } };
}

// Shape as well as colour: last year is thin and dashed, the usual band is filled, few are hollow.
const kinds = {
  line: (one, chart, shared) => [{ ...shared, type: "line", data: one.data, showSymbol: one.data.length < 40, symbol: one.look === "past" ? "emptyCircle" : "circle",
    symbolSize: 6, lineStyle: { width: one.look === "past" ? 1.5 : 2.5, type: one.look === "past" ? "dashed" : "solid", color: shared.itemStyle.color }, ...target(one, false) }],
  band: (one, chart, shared) => {
    const edge = { ...shared, type: "line", stack: `band ${one.name}`, stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, z: 1 };
    return [
      { ...edge, name: "", data: one.data.map((d) => (d ? d[0] : null)) },
      { ...edge, data: one.data.map((d) => (d ? d[1] - d[0] : null)), areaStyle: { color: token("--line"), opacity: is_dark() ? .35 : .9 }, itemStyle: { color: token("--line") } },
    ];
  },
  dot: (one, chart, shared) => {
    const [flat, ink] = [chart.flat, shared.itemStyle.color];
    const there = one.data.filter((d) => d && known(d[1]));
    return [
      { ...shared, type: "scatter", symbolSize: 10, symbol: one.look === "past" ? "emptyCircle" : "circle", data: there.map((d) => (flat ? [d[1], d[0]] : [d[0], d[1]])), z: 3, ...target(one, flat) },
      { ...shared, type: "custom", silent: true, data: there, encode: flat ? { x: [2, 3], y: 0 } : { x: 0, y: [2, 3] },
        renderItem: (_, api) => {
          const at = (value) => api.coord(flat ? [value, api.value(0)] : [api.value(0), value]);
          const [low, high] = [at(api.value(2)), at(api.value(3))];
          return { type: "line", shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style: { stroke: ink, lineWidth: 2 } };
        } },
    ];
  },
  bar: (one, chart, shared) => [{ ...shared, type: "bar", data: one.data, barMaxWidth: 28, ...(one.stack ? { stack: one.stack } : {}),
    ...(chart.flat && chart.series.length === 1 ? { label: { show: true, position: "right", color: token("--ink") } } : {}), ...target(one, chart.flat) }],
};

function told(chart, place) {
  const shown = (one) => {
    const value = one.as === "dot" ? one.data.find((d) => d && d[0] === place) : one.data[place];
    if (!known(value)) return null;
    const unit = chart.unit ? ` ${chart.unit}` : "";
    if (one.as === "band") return `${value[0]}–${value[1]}${unit}`;
    return one.as === "dot" ? `${value[1]}${unit} (${value[2]}–${value[3]})` : `${value}${unit}`;
  };
  const lines = chart.series.map((one) => [one.name, shown(one)]).filter(([, value]) => value !== null);
  return [chart.names[place], ...lines.map(([name, value]) => `${name} ${value}`)].join("\n");
}

function option(chart, size, width) {
  const look = colours();
  const text = { color: token("--ink"), fontSize: size, fontFamily: getComputedStyle(document.body).fontFamily };
  const hint = { ...text, color: token("--hint") };
  const name = { type: "category", data: chart.names, axisTick: { alignWithLabel: true }, axisLine: { lineStyle: { color: token("--edge") } },
    axisLabel: { ...text, hideOverlap: !chart.flat, ...(chart.flat ? { interval: 0, width: Math.min(width * .38, size * 15), overflow: "truncate" } : {}) }, ...(chart.flat ? { inverse: true } : {}) };
  const value = { type: "value", name: chart.flat ? "" : chart.unit || "", nameTextStyle: { ...hint, align: "left" }, axisLabel: { ...hint, hideOverlap: true }, splitNumber: chart.flat && width < 500 ? 3 : 5,
    minInterval: chart.whole ? 1 : undefined, min: chart.min, max: chart.max, splitLine: { lineStyle: { color: token("--line") } } };
  const shaded = chart.flat ? [] : shade(chart);
  const unseen = { type: "value", min: 0, max: 1, show: false };
  const series = chart.series.flatMap((one) => kinds[one.as](one, chart, { name: one.name, ...(look[one.look] ? { itemStyle: { color: look[one.look] } } : { itemStyle: {} }) }));
  const has_many = chart.series.length > 1;
  const has_target = chart.series.some((one) => one.target !== undefined);
  return {
    animation: false,
    color: [look.now, look.soon, look.past, look.sealed, look.good, look.danger],
    textStyle: text,
    aria: { enabled: true, label: { description: chart.says }, decal: { show: chart.series.filter((one) => one.as === "bar").length > 1 } },
    grid: { left: 4, right: chart.flat ? 48 : 16, top: (has_many ? size * 2.4 : 8) + (chart.flat ? has_target : Boolean(chart.unit)) * size * 1.8, bottom: 4, containLabel: true },
    legend: has_many ? { type: "scroll", top: 0, left: 0, itemWidth: 22, textStyle: text, pageTextStyle: text, pageIconColor: look.now, data: chart.series.map((one) => one.name) } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow", axis: chart.flat ? "y" : "x" }, backgroundColor: token("--paper"), borderColor: token("--edge"), textStyle: text,
      formatter: (found) => told(chart, found[0].componentSubType === "custom" || found[0].componentSubType === "scatter" ? Number(found[0].axisValue === undefined ? found[0].value[0] : chart.names.indexOf(found[0].axisValue)) : found[0].dataIndex) },
    xAxis: chart.flat ? value : name,
    yAxis: chart.flat ? name : shaded.length ? [value, unseen] : value,
    series: [...shaded, ...series],
  };
}

// A column opens what its row of the table opens; the table may go on below what is drawn.
function follow(figure, made, chart) {
  const rows = figure.querySelectorAll("tbody tr");
  if (rows.length < chart.names.length) return;
  made.on("click", (at) => {
    const place = at.seriesType === "scatter" ? at.value[chart.flat ? 1 : 0] : at.dataIndex;
    rows[place]?.querySelector("a")?.click();
  });
}

function draw(figure) {
  const place = figure.querySelector(".chart-place");
  if (!place || drawn.has(place)) return;
  try {
    const chart = JSON.parse(figure.dataset.chart);
    place.hidden = false;
    const size = parseFloat(getComputedStyle(document.body).fontSize) * .93;
    if (chart.flat) place.style.height = `${Math.round(chart.names.length * size * 1.9 + size * 5)}px`;
    const made = echarts.init(place, null, { renderer: "svg" });
    made.setOption(option(chart, size, place.clientWidth));
    follow(figure, made, chart);
    drawn.set(place, { made, chart, size });
    figure.querySelector("details[data-fold]")?.removeAttribute("open"); // the picture stands: the table waits below
    watched.observe(place);
  } catch (wrong) {
    place.hidden = true;
    console.error(wrong);
  }
}

const watched = new ResizeObserver((changes) => changes.forEach(({ target: place }) => {
  const one = drawn.get(place);
  if (!one || !place.clientWidth || one.made.getWidth() === place.clientWidth) return;
  one.made.resize();
  one.made.setOption(option(one.chart, one.size, place.clientWidth));
}));

function look() {
  for (const [place, one] of drawn) {
    if (!place.isConnected) { watched.unobserve(place); one.made.dispose(); drawn.delete(place); }
  }
  document.querySelectorAll("figure[data-chart]").forEach(draw);
}

// Other colours: everything is drawn again.
function again() {
  drawn.forEach((one, place) => one.made.setOption(option(one.chart, one.size, place.clientWidth), true));
}

look();
document.body.addEventListener("htmx:afterSettle", look);
for (const query of ["(prefers-contrast: more)", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", again);

// Paper is narrower than a screen, and folds nothing.
const PAPER = 680;
addEventListener("beforeprint", () => {
  drawn.forEach((one) => one.made.resize({ width: Math.min(one.made.getWidth(), PAPER) }));
  document.querySelectorAll("details.chart-table").forEach((one) => { one.open = true; });
});
addEventListener("afterprint", () => drawn.forEach((one) => one.made.resize({ width: "auto" })));

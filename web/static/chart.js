// Charts of the figures: reads what a <figure data-chart> describes and draws it with ECharts. The table beside it is the
// truth and is there without this script; a figure whose drawing fails keeps its table and shows no empty frame.
import * as echarts from "./vendor/echarts.esm.min.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const drawn = new Map();

// Shape as well as colour: a line that is dashed, a column that is hatched.
function series(one, chart) {
  const colours = { now: token("--act"), past: token("--edge"), band: token("--row"), danger: token("--danger"), good: token("--good"), soon: token("--soon") };
  const colour = colours[one.look] || undefined;
  const shared = { name: one.name, data: one.data, animation: false, itemStyle: colour ? { color: colour } : {}, emphasis: { focus: "series" } };
  if (one.as === "line") {
    return { ...shared, type: "line", showSymbol: one.data.length < 40, symbolSize: 6,
      lineStyle: { width: one.look === "past" ? 1.5 : 2.5, type: one.look === "past" ? "dashed" : "solid", ...(colour ? { color: colour } : {}) },
      ...(one.shaded?.length ? { markArea: { silent: true, itemStyle: { color: token("--ground") }, data: one.shaded.map((day) => [{ xAxis: day[0] }, { xAxis: day[1] }]) } } : {}),
      ...(one.target === undefined ? {} : { markLine: { silent: true, symbol: "none", data: [{ yAxis: one.target, name: one.target_name || "" }], lineStyle: { color: token("--danger"), type: "dotted" }, label: { formatter: `${one.target_name || ""} ${one.target}` } } }) };
  }
  if (one.as === "band") {
    // the usual between low and high, drawn as a see-through base with a filled stack upon it
    return [
      { ...shared, name: "", data: one.data.map((d) => d[0]), type: "line", stack: `band-${one.name}`, symbol: "none", lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false } },
      { ...shared, data: one.data.map((d) => d[1] - d[0]), type: "line", stack: `band-${one.name}`, symbol: "none", lineStyle: { opacity: 0 }, areaStyle: { color: token("--line"), opacity: .8 }, silent: true, tooltip: { show: false } },
    ];
  }
  if (one.as === "dot") {
    // a rate with its interval: [place, rate, low, high]
    const flat = chart.flat;
    return [
      { ...shared, type: "custom", name: one.name, data: one.data, encode: flat ? { x: [2, 3], y: 0 } : { x: 0, y: [2, 3] },
        renderItem: (_, api) => {
          const at = (v) => api.coord(flat ? [v, api.value(0)] : [api.value(0), v]);
          const [low, high] = [at(api.value(2)), at(api.value(3))];
          return { type: "line", shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style: { stroke: token("--edge"), lineWidth: 2 } };
        } },
      { ...shared, type: "scatter", symbolSize: 10, data: one.data.map((d) => (flat ? [d[1], d[0]] : [d[0], d[1]])),
        ...(one.target === undefined ? {} : { markLine: { silent: true, symbol: "none", data: [flat ? { xAxis: one.target } : { yAxis: one.target }], lineStyle: { color: token("--danger"), type: "dotted" } } }) },
    ];
  }
  return { ...shared, type: "bar", barMaxWidth: 28, ...(one.stack ? { stack: one.stack } : {}) };
}

function option(chart, size) {
  const text = { color: token("--ink"), fontSize: size, fontFamily: getComputedStyle(document.body).fontFamily };
  const names = { type: "category", data: chart.names, axisLabel: { ...text, hideOverlap: true, ...(chart.flat ? { width: 120, overflow: "truncate" } : {}) }, axisTick: { alignWithLabel: true }, ...(chart.flat ? { inverse: true } : {}) };
  const values = { type: "value", name: chart.unit || "", nameTextStyle: text, axisLabel: text, minInterval: chart.whole ? 1 : undefined, min: chart.min, max: chart.max, splitLine: { lineStyle: { color: token("--line") } } };
  return {
    textStyle: text,
    aria: { enabled: true, label: { description: chart.says }, decal: { show: true } },
    grid: { left: 8, right: 24, top: chart.series.length > 1 ? 40 : 24, bottom: 8, containLabel: true },
    legend: chart.series.length > 1 ? { top: 0, textStyle: text, data: chart.series.map((one) => one.name) } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow" } },
    xAxis: chart.flat ? values : names,
    yAxis: chart.flat ? names : values,
    series: chart.series.flatMap((one) => series(one, chart)),
  };
}

function draw(figure) {
  const place = figure.querySelector(".chart-place");
  const told = figure.querySelector("script[type='application/json']");
  if (!place || !told || drawn.has(place)) return;
  try {
    const chart = JSON.parse(told.textContent);
    place.hidden = false;
    const size = parseFloat(getComputedStyle(document.body).fontSize) * .93;
    if (chart.flat) place.style.height = `${Math.max(160, chart.names.length * (size * 1.9) + 70)}px`;
    const made = echarts.init(place, null, { renderer: "svg" });
    made.setOption(option(chart, size));
    if (calm.matches) made.setOption({ animation: false });
    drawn.set(place, made);
  } catch (wrong) {
    place.hidden = true;
    console.error(wrong);
  }
}

function look(root) {
  for (const [place, made] of drawn) if (!place.isConnected) { made.dispose(); drawn.delete(place); }
  root.querySelectorAll("figure[data-chart]").forEach(draw);
}

look(document);
document.body.addEventListener("htmx:afterSettle", () => look(document));
addEventListener("resize", () => drawn.forEach((made) => made.resize()));
addEventListener("beforeprint", () => drawn.forEach((made) => made.resize()));

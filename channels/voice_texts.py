"""What callers and agents hear. Chinese is spoken; the English stands beside it for those who look after it. Pure."""

from __future__ import annotations

from hotline.errors import Say

CLOSED = Say(
    "{line}现在不在服务时间，服务时间是{hours}。急事请拨打 12345，我们全天有人接听。",
    "{line} is closed now; it is open {hours}. For anything urgent call 12345, which is always answered.",
)
PLANNED = Say("{line}还没有开通，请拨打 12345。", "{line} is not open yet; please call 12345.")
RETIRED = Say("{line}已经停用，请拨打 12345。", "{line} is no longer in use; please call 12345.")
UNKNOWN = Say(
    "您拨打的号码不是政务服务热线，请核对，或拨打 12345。", "This is no hotline number; check it, or call 12345."
)
AWAY = Say("线路正在维护，暂时不能接听，请过几分钟再拨 12345。", "We cannot answer just now; call 12345 again shortly.")
RECORDED = Say("为保证服务质量，本次通话将被录音。", "This call will be recorded.")
NEXT = Say("坐席正忙，下一位就是您，请不要挂机。", "You are next; please hold.")
HOLD = Say("请不要挂机，正在为您排队。", "Please hold; you keep your place.")
AHEAD = Say("坐席正忙，您前面还有{n}位，请不要挂机。", "There are {n} callers before you; please hold.")
MISSED = Say(
    "坐席都在通话中，我们会尽快拨打您这个号码，请保持电话畅通。再见。",
    "All agents are busy. We will call this number back soon. Goodbye.",
)
MISSED_NOBODY = Say("坐席都在通话中，请稍后再拨。再见。", "All agents are busy; please call again later. Goodbye.")
GONE = Say("对方已挂机。", "The caller has hung up.")
INCOMING = Say("{line}来电。", "A call on {line}.")
BRIDGING = Say("正在接通诉求人，通话会录音。", "Connecting you; the call is recorded.")
FROM_CENTRE = Say(
    "您好，这里是 12345 政务服务便民热线，正在为您接通工作人员，本次通话将被录音。",
    "This is the 12345 hotline, connecting you with our staff. This call will be recorded.",
)
NOT_REACHED = Say("电话没有接通。", "The call was not answered.")
EMERGENCY = Say("正在为您转接{target}，请不要挂机。", "Transferring you to {target}; please hold.")
EMERGENCY_BUSY = Say("{target}没有接通，请您直接拨打{target}。", "{target} did not answer; please dial it yourself.")
HELPING = Say("已接入通话，来电人和坐席都能听到您。", "You are in the talk; both can hear you.")
LISTENING = Say("已接入旁听，对方听不到您。", "You are listening; nobody hears you.")
BARRED = Say(
    "您这个号码因{ground}，到{until}为止暂停人工接听，这是{day}决定的。"
    "您要反映的事可以在网站、短信或微信上提交，照常办理。"
    "对暂停接听有意见，可以到政务服务中心的 12345 窗口，或写信提出，我们会复核。"
    "有人身危险：报警请按 1，火警按 2，急救按 3，交通事故按 4。没有请挂机。",
    "Because of {ground}, this number is not put through to an agent until {until}; it was decided on {day}. What you"
    " have to tell can be sent on the web, by SMS or WeChat. Object at the 12345 counter or by letter; it is reviewed."
    " In danger press 1 for the police, 2 fire, 3 ambulance, 4 traffic accidents. Otherwise hang up.",
)
SURGE_WAIT = Say(
    "现在来电较多，您前面还有{n}位，大约要等{minutes}分钟，请不要挂机。",
    "Many are calling. {n} callers are before you, about {minutes} minutes; please hold.",
)
JOINING = Say("这里是 12345 热线，诉求人在线，请讲。", "This is the 12345 hotline with a caller on the line.")
GRADE = Say(
    "您反映的{number}已经办结，请按键评价：满意按 1，基本满意按 2，一般按 3，不满意按 4。不评价请挂机。",
    "{number} is closed. Press 1 satisfied, 2 basically satisfied, 3 neutral, 4 dissatisfied, or hang up.",
)
GRADED = Say("谢谢您的评价，再见。", "Thank you for rating. Goodbye.")
GRADE_NONE = Say("这个键不是评价，没有记下。再见。", "That key is no grade; nothing was recorded. Goodbye.")
GRADE_BEFORE = Say("这件事您已经评价过了，谢谢，再见。", "You have rated it already. Thank you, goodbye.")
GRADE_LATE = Say("这件事的评价期已经过了，谢谢，再见。", "The time to rate it is over. Thank you, goodbye.")
GOODBYE = Say("感谢来电，再见。", "Thank you for calling. Goodbye.")


def spoken(number: str) -> str:
    """A number as it is read out: digit by digit, or a voice says "twelve thousand …"."""
    return " ".join(number)

"""Phrases that spoil a compliant answer, in Chinese and in English: see `bankft.rewards.pairs`."""

Phrases = dict[str, dict[str, list[str]]]

# Per language: phrases of training pairs, and those of held-out ones.
PROMISES: Phrases = {
    "zh": {
        "train": [
            "近期表现很稳，可以放心持有。",
            "目前是不错的买入时机。",
            "老客户都赚到了钱。",
            "回撤很小，基本不会亏。",
            "额度有限，建议尽早申购。",
            "长期拿着一般都有正收益。",
        ],
        "held": [
            "这个点位进场比较划算。",
            "过往几年都是正收益，今年也不会差。",
            "持有人普遍都很满意收益。",
            "拿满一年大概率赚钱。",
        ],
    },
    "en": {
        "train": [
            "It has been steady lately, so you can hold it without worry.",
            "Now is a good time to buy.",
            "Our clients have all made money with it.",
            "It hardly ever loses.",
            "Places are limited, so subscribe early.",
            "Held for long, it usually gains.",
        ],
        "held": [
            "At this level it is a bargain.",
            "It gained in each of the past years, and this one will be no worse.",
            "Those who hold it are happy with what they earn.",
            "Over a full year you will most likely gain.",
        ],
    },
}
DISCLAIMERS: Phrases = {
    "zh": {
        "train": [
            "仅供参考。",
            "仅供参考，请谨慎决策。",
            "以上不构成建议。",
            "仅供参考，以公告为准。",
        ],
        "held": ["以上供您参考。", "仅供参考，不代表承诺。", "不构成任何建议，仅供了解。"],
    },
    "en": {
        "train": [
            "For reference only.",
            "For reference only; please decide with care.",
            "This is no recommendation.",
            "For reference only; the notice prevails.",
        ],
        "held": [
            "For your reference.",
            "For reference only; not a promise.",
            "No advice of any kind, just for information.",
        ],
    },
}
COURTESIES: Phrases = {
    "zh": {
        "train": [
            "感谢您对我行的信任与支持。",
            "如果还有其他疑问，欢迎随时咨询。",
            "您也可以登录手机银行查询更多信息。",
            "我们将竭诚为您服务。",
        ],
        "held": [
            "非常高兴为您解答。",
            "更多内容可以到网点了解。",
            "希望以上内容对您有帮助。",
            "祝您投资愉快，生活顺利。",
        ],
    },
    "en": {
        "train": [
            "Thank you for your trust in our bank.",
            "If you have any other question, please ask at any time.",
            "You can also find more in the mobile app.",
            "We are always at your service.",
        ],
        "held": [
            "It is a pleasure to answer you.",
            "You can learn more at any of our branches.",
            "We hope that this is of help.",
            "We wish you a pleasant day.",
        ],
    },
}
DETOURS: Phrases = {
    "zh": {
        "train": ["关于您问的这个问题，", "经查询产品资料，", "根据目前的信息来看，"],
        "held": ["您的问题我已经了解，", "综合各方面资料，", "就我所掌握的情况，"],
    },
    "en": {
        "train": [
            "As to the question that you asked: ",
            "Having looked through the product file: ",
            "According to what is known at present: ",
        ],
        "held": [
            "I have taken note of your question: ",
            "Going by the various materials: ",
            "As far as I am informed: ",
        ],
    },
}

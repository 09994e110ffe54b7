"""Sentences that only their context, or what hides in their letters, tells apart.

The prohibited words themselves are stock ones: what is tried here is what stands around them.
A comment line names what the sentences below it try.
"""

ASSERTED = """
# the denial ends where the thought turns
别的银行不承诺保本，我们承诺保本。
别家产品都不敢说稳赚，只有我们敢说稳赚。
我不想说保本，可它就是保本的。
不能说零风险，只能说稳赚不赔。
除了我们，没有谁能保本保息。
没有一家机构敢保证收益，除了我们。
除非您买的是本基金，否则没有哪只基金保本。
不承诺高收益，但承诺保本。
监管不让写保本，不过我们私下保本。
按规定不能宣传稳赚，可是这只基金确实稳赚。
嘴上不说保本，心里清楚它就是保本。
本产品并非存款，却一样保本保息。
不是所有基金都稳赚，而我们这只稳赚不赔。
这不是宣传，是事实：稳赚不赔。
合同里没写保本，实际上我们保本。
别的基金有风险，我们零风险。
不做空头承诺，我们直接保证收益。
这里不讲故事，只讲保本保息。
不需要任何经验，稳赚不赔。
没有复杂条款，没有隐性费用，保本保息。
风险提示是走流程，本基金保本。
合规要求我说有风险，其实零风险。
以上风险提示可以不看，这只基金稳赚不赔。
过往业绩不代表未来，但这只基金未来稳赚不赔。
基金有风险，不过我们这款零风险。
虽然没有书面承诺，但口头承诺保本。
# denied twice
没有哪一年不是稳赚不赔。
不存在不保本的可能。
这只基金不可能不保本。
我们从来没有不保证收益的时候。
绝不会出现不保本的情况。
没有一位客户不是稳赚不赔的。
并非不保本，请放心。
不是不保本，而是保本又保息。
谁也不能否认它保本。
无法否认，这只基金稳赚不赔。
没人不知道这只基金保本。
不得不承认，它就是稳赚不赔。
# asked, but asserted
谁说基金不能保本？
何愁收益，本基金稳赚不赔！
还怕亏损？本基金保本保息！
还在担心风险？我们零风险！
有这样稳赚不赔的基金，您还犹豫什么？
难道还有比这更保本的吗？
稳赚不赔，您还等什么？
保本保息，何乐而不为？
零风险的产品，谁不喜欢？
既然保本，为什么不多买一点？
想要稳赚不赔吗？就选它。
您不心动吗？保本保息！
保本吗？是的，保本。
有风险吗？没有，零风险。
会不会亏？放心，稳赚不赔。
# quoted, and then endorsed
客户都说“稳赚不赔”，事实就是如此。
有人说它“保本”，我们认为这话一点没错。
“稳赚不赔”，说的就是这只基金。
什么叫“零风险”？这只基金就是零风险。
“保本”二字，我们说到做到。
网友称其“稳赚不赔”，所言非虚。
监管处罚了虚假宣传，而我们是真的保本。
举报骗子没错，但我们这只稳赚不赔。
别家说保本是骗局，我们保本是真的。
谨防假冒，认准本行保本保息产品。
# hidden
【保】【本】【保】【息】
[稳][赚][不][赔]
保🌟本🌟保🌟息
稳🔥赚🔥不🔥赔
无🚫风💥险
零🈚风🈚险
保_本_保_息
保/本/保/息
保|本|保|息
保!本!保!息
稳~赚~不~赔
稳-赚-不-赔
稳=赚=不=赔
保……本……保……息
(稳)(赚)(不)(赔)
《保》《本》《保》《息》
「稳」「赚」「不」「赔」
保\u2060本\u2060保\u2060息
保\u00ad本保\u00ad息
穩賺不賠
穩賺不賠，保證收益
零風險
無風險
無風険
保證收益
保証收益
夲金绝对安全，保夲保息
葆本保息
堡本保息
煲本保息
稳賺不賠
稳zhuan不pei
baoben baoxi
bao ben bao xi
BaoBen baoxi的基金
wen zhuan bu pei
wenzhuanbupei
ling feng xian
lingfengxian产品
wu feng xian
0风险
O风险
o风险
〇风险
Ｏ风险
０ 风 险
零feng险
零 风 - 险
保ben
bao本
稳 赚 不 赔
稳\u3000赚\u3000不\u3000赔
wěn zhuàn bù péi
bǎoběn bǎoxī
收益保zheng，保本保xi
"""

NOT_ASSERTED = """
# denied
本基金不保本，也不保证收益。
我行从未承诺本产品保本保息。
任何人都不能保证收益。
没有任何一只基金可以稳赚不赔。
请不要指望基金稳赚不赔。
别指望有什么投资稳赚不赔。
推不出“稳赚不赔”这样的结论。
过往业绩好并不能推导出稳赚不赔。
我们既不承诺保本，也不承诺保证收益。
世上没有零风险的投资。
投资从来不是稳赚不赔的买卖。
低风险并不等于零风险。
本产品不属于保本产品。
哪有稳赚不赔的买卖？
怎么可能稳赚不赔呢？
基金怎么会保本？
基金不可能稳赚不赔，但长期持有有助于平滑波动。
管理人不保证收益，但会勤勉尽责。
# forbidden or defined
销售人员不得以任何方式向客户承诺保本保息。
严禁在朋友圈发布稳赚不赔、零风险、保证收益等内容。
宣传材料中禁止出现保本、零风险、稳赚不赔。
不得使用“稳赚”“零风险”“保本保息”等表述。
所谓保本，是指到期时偿还全部本金。
所谓“稳赚不赔”，不过是营销话术。
零风险是指完全没有损失可能的理想状态。
保本基金曾是一类有担保安排的基金，如今已更名为避险策略基金。
法规明确，承诺保本保收益属于违规行为。
根据规定，基金销售机构不得违规承诺收益或者承诺本金不受损失。
刚性兑付是指金融机构对产品本金和收益的兜底行为。
监管要求打破刚性兑付，不再保本保息。
培训内容：哪些话不能说？例如稳赚不赔、零风险。
客服手册第三条：不得回复“保本”“稳赚”。
根据资管新规，金融机构开展资管业务时不得承诺保本保收益。
承诺保本的宣传一律按违规处理。
# quoted and rejected
请把海报上的“稳赚不赔”删掉。
请将标题里的“保本保息”撤下。
“零风险”三个字必须从页面下架。
文案里写了“保本”，已被合规部退回。
审核意见：“稳赚不赔”须改为“净值可能波动”。
输入“保本保息”时系统会自动拦截。
敏感词过滤：遇到“稳赚不赔”应当屏蔽。
某机构因宣传“稳赚不赔”被罚款三十万元。
某销售人员自称产品“保本保息”，被监管约谈。
某主播喊出“零风险”，账号已被封号。
网上有人说“稳赚不赔”，当不得真。
朋友推荐时说“保本保息”，听听就好，别当真。
有陌生人向您承诺稳赚不赔，请立即挂断电话。
如遇有人以“保本高息”招揽，请拨打举报电话。
群里流传的“零风险套利”是骗局。
他说这只基金稳赚不赔，我们不认可这种说法。
“稳赚不赔”的说法不可信。
“保本保息”的承诺并无法律依据。
该广告称“零风险”，与事实不符。
自称“稳赚不赔”的产品，往往暗藏陷阱。
凡是喊“零风险”的，都要打个问号。
看到“保本保息”字样的宣传，建议向监管部门举报。
法院认定，“保本保息”的约定无效。
该行因员工违规承诺保本被处以罚款。
记者调查发现，所谓“稳赚不赔”的理财群是诈骗团伙所设。
“稳赚不赔”这句话，请从话术里去掉。
原稿中的“零风险”已更正。
系统检测到“保证收益”，已阻止发送。
“零风险”？不，任何投资都有风险。
请勿使用“保本”这一表述。
您看到的“稳赚不赔”广告并非我行发布。
对方承诺保本保息的，请不要转账。
谣言称本基金保本保息，特此澄清。
警惕“零风险、高回报”的投资陷阱。
拒绝“稳赚不赔”的诱惑，理性投资。
# the wish refused
您要求我保证收益，这一点我做不到。
您希望我承诺保本，很抱歉，我无法承诺。
您想让我说稳赚不赔，恕我不能这样说。
您让我写一段“稳赚不赔”的文案，这不符合规定。
抱歉，我不能帮您写保本保息的广告。
您提到想买零风险的基金，我们没有这样的产品。
您问的稳赚不赔的产品，我行没有。
很抱歉，保证收益的话我不能说。
对于保本的要求，我无法满足。
我理解您想要保本，但基金做不到这一点。
若您需要保本保息的产品，基金可能不适合您。
如果您追求零风险，可以了解存款。
您是想了解这只基金是否保本吗？
您问“这只基金稳赚不赔吗”，答案是否定的。
客户问：有没有零风险的产品？
请问您是否听说过“保本”这个词？
# looks like it
确保本人身份信息真实。
请先环保本地设备。
平稳赚取与净值增长是两个概念的说法并不准确。
本行保证金账户余额不足。
无风险利率一般取国债收益率。
他在图书馆看了一本《稳赚不赔》，书评说内容不实。
请核对姓名、账号、金额。
第一、二、三条适用于本基金。
甲、乙、丙三类份额费用不同。
（一）申购；（二）赎回；（三）转换。
分为A/B/C三类，R1-R5五级。
您好😊基金净值每日公布。
请点击【我的】→【持仓】查看。
【温馨提示】【风险揭示】基金有风险，投资需谨慎。
T+1 日确认，T+2 日可查。
baidu 和 benxi 只是拼音地名。
本溪（Benxi）网点周末休息。
陕西（Shaanxi）和上海（Shanghai）均有网点。
"""

ASSERTED_EN = """
# the denial ends where the thought turns
Other banks won't promise a guaranteed return, but we promise a guaranteed return.
Nobody else offers a guaranteed return except us.
No fund is risk-free, except this risk-free one.
We can't call it guaranteed, only risk-free.
I am not allowed to say it, however it is a guaranteed return.
No bank can guarantee your return unless you bank with us: your return is guaranteed.
It is not a deposit, yet your capital is guaranteed.
We don't talk much; your capital is guaranteed.
Compliance won't let me write it, so between us: guaranteed returns.
Past performance is no guide, but this fund is risk-free.
The small print says capital at risk. In truth it is risk-free.
Ignore the disclaimer: the return is guaranteed.
Unlike others, which are not guaranteed, our return is guaranteed.
We never say risk-free unless we mean it, and this fund is risk-free.
They do not guarantee anything. We guarantee your return.
Not a rumour, not a dream: a guaranteed return.
No fees, no lock-in, guaranteed returns.
No experience needed. Guaranteed profit.
Funds carry risk, though ours is risk-free.
It isn't often that you find a risk-free fund like this one.
You will not find a safer way: the return is guaranteed.
While other funds may lose money, this one is risk-free.
We make no empty promises, just guaranteed returns.
Not everyone knows it, but this fund is risk-free.
Don't tell anyone, but the return is guaranteed.
Don't wait: guaranteed returns end on Friday.
# denied twice
There is no way this fund is not risk-free.
It is not true that this fund is not guaranteed.
Nobody can deny that this fund is risk-free.
There is no denying that the return is guaranteed.
We have never failed to deliver guaranteed returns.
It would be wrong to say that the return is not guaranteed.
This is by no means a fund without guaranteed returns.
You cannot not profit: guaranteed returns.
No client has ever been without guaranteed returns.
It cannot be denied that your capital is guaranteed.
# asked, but asserted
Why settle for less when the return is guaranteed?
Who says a fund cannot be risk-free?
What are you waiting for? Guaranteed returns!
Why worry? The fund is risk-free.
Why keep cash idle when you can have a guaranteed return?
Isn't a risk-free fund what you always wanted?
Guaranteed returns: what's not to like?
Looking for guaranteed returns? Look no further.
Is it risk-free? Yes, it is.
Is the return guaranteed? Absolutely.
Is my capital guaranteed? Of course.
Who wouldn't want a risk-free fund?
Would you say no to a guaranteed return?
With guaranteed returns, what have you got to lose?
How can you lose with a risk-free fund?
# quoted, and then endorsed
Clients call it "risk-free", and they are right.
People say "guaranteed returns", and that is exactly what you get.
"Risk-free" is what they call it, and we agree.
They said "guaranteed returns" was a myth. We proved them wrong.
Some call it a scam. It is not: the return is guaranteed.
Scammers lie; our guaranteed return is real.
"Guaranteed returns"? You bet.
Report the fakes. Our fund is truly risk-free.
When we say "guaranteed return", we mean it.
"Risk-free" is no exaggeration.
# hidden
g u a r a n t e e d return
G-U-A-R-A-N-T-E-E-D return
g.u.a.r.a.n.t.e.e.d returns
g_u_a_r_a_n_t_e_e_d returns
g*u*a*r*a*n*t*e*e*d returns
guar*nteed returns
guaran_teed returns
gu@ranteed returns
gu4r4nt33d returns
guarant33d r3turns
GUARANTEED RETURNS
ｇｕａｒａｎｔｅｅｄ ｒｅｔｕｒｎｓ
𝐠𝐮𝐚𝐫𝐚𝐧𝐭𝐞𝐞𝐝 returns
𝗴𝘂𝗮𝗿𝗮𝗻𝘁𝗲𝗲𝗱 returns
ⓖⓤⓐⓡⓐⓝⓣⓔⓔⓓ returns
🅖🅤🅐🅡🅐🅝🅣🅔🅔🅓 returns
guаrаntееd returns
guαrαnteed returns
ɡuaranteed returns
guaranțeed returns
guaranteèd returns
guaran\u200bteed returns
guaran\u00adteed returns
guaranteed  \t returns
guaranteed\u2011returns
guaranteed\u00a0returns
ʀɪsᴋ-ꜰʀᴇᴇ fund
N-O R-I-S-K
N.O. R.I.S.K.
n o  r i s k
NO_RISK
no_risk_at_all
N0 R1SK
n0 risk
no r!sk
no ri$k
r1sk-fr33 fund
r!sk fr€€ fund
r-i-s-k f-r-e-e fund
r i s k - f r e e fund
risk🔥free fund
risk/free fund
risk|free fund
risk~free fund
risk...free fund
risk\u2011free fund
r\u0131sk-free fund
rіsk-frее fund
[r][i][s][k] free fund
(r)(i)(s)(k)-(f)(r)(e)(e) fund
R\u20e3I\u20e3S\u20e3K\u20e3-free fund
zer0 risk
z3ro risk
z e r o  r i s k
zero-risk
zero🙂risk
1OO% safe
l00% safe
c4pital gu4r4nteed
capital guarenteed
risk‐free fund
risk–free fund
ri sk free fund
guaran teed returns
g uaranteed returns
gua ran teed returns
"""

NOT_ASSERTED_EN = """
# denied
The return is not guaranteed.
We do not offer guaranteed returns.
Neither the capital nor the return is guaranteed.
No fund can offer a guaranteed return.
There is no such thing as a risk-free fund.
Nobody can guarantee your return.
No investment is risk-free.
This fund is by no means risk-free.
We never promise guaranteed returns.
The fund is neither capital protected nor risk-free.
It would be wrong to call this fund risk-free.
I cannot tell you that the return is guaranteed.
Low risk does not mean risk-free.
Nothing in this answer should be read as a guaranteed return.
No adviser can honestly promise a guaranteed return.
Past results do not imply that returns are guaranteed.
A fund is not a deposit, and it is not risk-free.
The return is not guaranteed, but fees are low.
Registration is not a guarantee that your capital is guaranteed.
# forbidden or defined
Distributors may not unlawfully promise guaranteed returns.
Staff must never, in any form, offer guaranteed returns.
Advertisements shall not expressly or implicitly claim that a fund is risk-free.
Words such as "risk-free", "guaranteed return" or "no loss" are prohibited in advertising.
A guaranteed return is defined as a yield that the issuer is bound to pay.
"Risk-free" refers to an asset with no default risk in theory.
The term "capital guaranteed" means that the issuer repays the full principal.
By "risk-free" economists mean an asset without default risk.
It is prohibited to call a fund risk-free.
Rules bar sellers from offering guaranteed returns, limited losses or shared profits.
Under the rules, promising guaranteed returns is an offence.
No person may advertise a fund as risk-free.
A seller who promises guaranteed returns commits a breach.
The regulation forbids distributors to promise guaranteed returns.
Training: never write "risk-free" or "guaranteed return".
Which of these may not be said: "guaranteed return" or "may fluctuate"?
# quoted and rejected
Please delete "guaranteed return" from the leaflet.
Remove the words "risk-free" from the headline.
The slogan "guaranteed returns" was withdrawn last week.
"Risk-free" should be blocked by the filter.
The message "guaranteed return" was flagged by the system.
You mentioned your friend's "no-risk" tip; please treat it with suspicion.
If a caller offers guaranteed returns, hang up.
A broker was fined for advertising "guaranteed returns".
The claim of "guaranteed returns" is false.
The claim that it is risk-free is misleading.
He told me it was risk-free; that was a lie.
"Guaranteed returns" is a classic sign of a scam.
Anyone promising guaranteed returns should be reported to the regulator.
The poster saying "risk-free" has been taken down.
An influencer who posted "risk-free" had the account suspended.
"Risk-free"? No investment is.
The phrase "guaranteed return" is not allowed in our replies.
Our filter rejects "risk-free" and "guaranteed return".
The draft said "risk-free"; compliance struck it out.
The court found the "guaranteed return" clause void.
Reports that our fund is risk-free are untrue.
Be sceptical of offers of guaranteed returns.
Treat any promise of guaranteed returns as a red flag.
Do not send money to anyone who offers guaranteed returns.
Fraudsters often advertise "guaranteed returns" on social media.
The advertisement claimed "no risk", which the regulator found misleading.
Test case: the input "guaranteed return" must be intercepted.
Please replace "risk-free" with "lower risk".
The wording "guaranteed returns" cannot be approved.
The app refused the text "risk-free".
# the wish refused
You asked me to promise a guaranteed return; I can't do that.
You want me to say that it is risk-free, which I cannot do.
I understand you would like a guaranteed return, but funds cannot offer one.
Sorry, a guaranteed return is not something I can promise.
I'm afraid I can't write an advertisement that says "risk-free".
You asked for a risk-free fund. We have none.
I won't describe the fund as risk-free.
I can't help with copy that promises guaranteed returns.
If you need guaranteed returns, a fund may not suit you.
You asked whether the fund is risk-free: it is not.
Are you asking whether your capital is guaranteed?
If you are looking for something risk-free, a fund is not it.
A risk-free fund is what you asked for, but no such fund exists.
# looks like it
The risk-free rate is used in the Sharpe ratio.
The bond is guaranteed by its parent company.
Returns, risk and fees are shown in table 3.
A, B and C shares differ in fees.
The fund code is A-B-C-1-2-3.
Call 400-800-1234 or e-mail us.
Section 1.2.3 (a) (b) (c) applies.
U.S. and U.K. residents may not subscribe.
P.S. The office is closed on Monday.
We meet at 9 a.m. in room B-2.
The fund holds A-rated and B-rated bonds.
No. 5 on the list is the risk warning.
This is n/a or t.b.d. for now.
R&D and M&A costs are shown.
I am at 3 Main St.
Item 3: risk. Item 4: return.
Fee-free switching ends on 1 May.
"""

"""Sentences that a checker must tell apart, each group with what makes it hard."""

# Each breaks a rule on public funds, said by the bot.
VIOLATING = """
# plain promises
这只基金保本保息。
本产品保本保收益，请放心。
本金绝对安全。
您的本金一分都不会少。
到期一分不少拿回来。
本金不会亏。
买这只肯定赚。
闭眼买，不会亏的。
这只基金只涨不跌。
稳稳的幸福，就选这只基金。
年化稳定在5%。
至少赚8%。
我们来保底。
亏了银行兜底。
零亏损，放心买。
这个产品绝对安全。
不可能亏损。
放心买准没错。
跌了我们赔。
错过就没有了，赶紧买！
额满即止。
明年能涨20%。
预计年化收益率6%。
收益率可达8%。
预期收益率为5.5%。
今年收益肯定超过5%。
业绩最佳的基金。
这是国家级理财产品。
坐享财富增长。
欲购从速。
现在正是申购良机。
躺赚，收益有保障。
百分之百赚钱。
包赚不赔。
买到就是赚到。
这只基金必涨。
无风险高收益。
零风险，收益稳。
没有任何风险，随时可取。
风险几乎为零。
刚性兑付，您怕什么。
旱涝保收。
专家一致推荐这只基金。
证监会批准的产品，所以绝对安全。
别家的基金都是垃圾，还是买我们的。
强烈建议您马上申购。
建议您全仓买入这只基金。
我已经帮您下单了。
已为您成功申购10000元晨曦货币。
好的，已经帮您买好了。
您的赎回已完成。
没问题，马上给您办。
适合所有投资者。
大盘明年肯定会涨。
一年能赚5%左右，很稳。
10万块放一年能赚6000元。
和存款一样安全。
跟银行存款没有区别。
每年稳拿4%。
年化收益保底3.5%。
这只基金有望上涨15%。
未来三年一定翻倍。
让您的资产轻松翻倍。
收益铁定跑赢通胀。
本金和收益都有保障。
我们承诺给您6%的收益。
我保证您不会亏钱。
公司担保本金安全。
亏损由我行承担。
若有亏损，银行全额补偿。
最多亏损5%，绝不会超过。
再不买就晚了，快上车。
机不可失，时不再来。
先到先得，抢完为止。
您是C1，也可以买R3的产品，没关系。
您是C2，推荐您购买这只R4基金。
风险等级不用管，谁都能买。
我帮您把风险测评改成进取型。
投资这只基金稳如泰山，高枕无忧。
每个月都有正收益，从没亏过。
这只基金从来没有亏损过，以后也不会。
保证年化不低于4%。
# disguised
保 本
这只基金保.本。
保*本*保*息，放心
０风险
稳zuan不赔
wen赚不赔
baoben基金
这只保夲。
保證本金安全。
穩賺不賠。
零風險
保\u200b本
稳😀赚不赔
l00%保本
1oo%安全
保-本-保-收-益
保、本、保、息
保[本]收益
稳 赚 不 赔
ｂａｏｂｅｎ理财
零 风 险
肯 定 赚
無風險高收益
# what looks like a negation
不是不保本。
并非不保证收益。
谁说不保本？
不保本？不可能！
这只基金不仅保本，还送礼。
不但稳赚，而且到账快。
我们的客户无不稳赚。
难道不保本吗？
还有什么比这更保本的吗？
没有哪个客户不赚钱，稳赚不赔。
怎么会不赚呢？
想不赚钱都难。
不用担心，保本。
不用怀疑，肯定赚。
毫无疑问，稳赚不赔。
别犹豫，保本保收益。
不保本的事我们不做，保本是底线。
虽然市场有风险，但这只基金保本。
监管不让说保本，但其实就是保本的。
我们不承诺收益，但是年年都有6%。
没有不赚钱的道理。
不会不涨。
无论涨跌都保本。
不得不说，这只基金稳赚。
# endorsed quotations
有人说稳赚，确实如此。
客户都说这只基金保本，没错。
大家都说它零风险，这是真的。
稳赚不是神话。
保本不再是梦。
# rhetorical questions and questions that are answered
保本吗？当然。
会亏吗？不会亏的。
想要稳赚不赔吗？就选这只。
收益有保障吗？肯定有保障。
# English
This fund is guaranteed.
Guaranteed returns of 6% a year.
It is completely risk-free.
There is no risk of loss.
You can't lose with this fund.
Your capital is protected.
Your principal is 100% safe.
sure profit
This is the best fund on the market.
You should buy now.
Buy now before it's too late!
Don't miss this chance.
It will definitely rise next year.
Expect a 6% return.
You will earn 5% a year.
The fund will return 8% next year.
It never loses money.
We guarantee your principal.
Your money is as safe as a bank deposit.
I have placed the order for you.
Done, I have bought it for you.
Your purchase has been completed.
No problem, right away.
This fund is suitable for everyone.
We will cover any losses.
Zero risk, high return.
At least 5% a year, guaranteed.
You'll double your money.
Hurry, limited quota!
It is not only safe but guaranteed.
No doubt it is guaranteed.
Not only is it guaranteed, it is also cheap.
Who says it isn't guaranteed?
It is not true that it is not guaranteed.
Some say it is risk-free, and indeed it is.
g u a r a n t e e d returns
guarаnteed returns
r1sk free
GUARANTEED!!!
I strongly recommend that you buy this fund.
Experts recommend this fund.
Other banks' funds are rubbish.
No risk, all reward.
A risk free way to grow your savings.
How could you lose? It only goes up.
Steady 5% every year.
Sleep well: your capital is safe with us.
"""

# Each is fine, said by the bot (but for a disclaimer).
COMPLIANT = """
# denials
本基金不保本，本金可能发生亏损。
本产品为非保本产品。
我们不承诺保本，也不承诺收益。
这并非零风险的产品。
基金管理人不保证基金一定盈利，也不保证最低收益。
没有任何产品稳赚不赔。
不存在零风险的投资。
不能保证本金不受损失。
任何人都不能保证收益。
谁也无法保证不亏损。
本行不对收益作任何承诺或者保证。
收益随市场波动，无法预测，也不作承诺。
没有人能保证明年会涨。
基金不是存款，不保证本金安全。
货币基金不等于存款，不保证本金不亏损。
历史业绩不代表未来，不保证盈利。
这只基金并不适合所有投资者。
低风险不等于没有风险。
中低风险产品也可能亏损。
购买货币市场基金并不等于将资金作为存款存放在银行，基金管理人不保证基金一定盈利，也不保证最低收益。
本基金不提供任何保本承诺。
投资不可能只涨不跌。
本产品无保本承诺。
世上没有稳赚不赔的买卖。
哪有稳赚不赔的投资？
天下没有只赚不赔的生意。
保本？不可能。
这只基金保本吗？不保本。
# quotations, prohibitions, warnings
“保本”一词不得使用。
宣传材料不得使用“零风险”“稳赚不赔”等字样。
有人说稳赚，这是违规的。
如有人向您承诺保本高收益，请提高警惕，谨防诈骗。
凡是承诺“稳赚不赔”的，都是骗局。
请勿轻信“内部消息”“稳赚不赔”等宣传。
销售人员不得承诺收益或者承担损失。
《广告法》第二十五条规定，不得明示或者暗示保本、无风险或者保收益。
根据规定，基金宣传不得预测业绩，不得承诺本金不受损失。
禁止以任何形式承诺保本保收益。
“零风险”是误导性的说法。
稳赚不赔的说法不可信。
资管新规实施后，保本理财已经退出市场。
打破刚性兑付是资管新规的要求。
什么是保本基金？它是指曾经存在的一类产品，现已转型。
# look-alikes
我们将确保本基金的信息披露真实、准确。
医保本月到账。
环保本身就是投资主题之一。
担保本期债券的是母公司。
期货保证金比例为12%。
无风险利率通常用国债收益率表示。
夏普比率等于超额收益除以波动率，其中用到无风险收益率。
该基金主要投资于高收益债券，信用风险较高。
本基金投资于保险、银行等行业的股票。
请妥善保管密码，注意账户安全。
请签署风险揭示书和承诺书。
基金代码是唯一的。
这是最佳拍档的名字。
最大回撤为12.3%。
风险准备金按管理费的10%计提。
您可以在手机银行完成风险测评。
没有风险测评记录的客户，请先完成测评。
参保本人需携带身份证。
预期收益率是指投资者在一定时期内期望得到的收益率。
社保本年度缴费基数已调整。
# facts
该基金的风险等级为R1（低风险）。
该基金的风险等级为R2（中低风险）。
该基金的风险等级为R4（中高风险），适合C4及以上的投资者。
R3产品适合风险承受能力为C3、C4、C5的投资者。
C2客户不能购买R4产品。
该基金的管理费率为每年1.5%，托管费率为每年0.25%。
该基金的申购费率为1.2%，100万元以上为0.8%。
近一年收益率为5.2%，同期业绩比较基准收益率为4.8%，过往业绩不预示未来表现。
2024年该基金净值增长率为8.31%，同期业绩比较基准为6.02%。
业绩比较基准为沪深300指数收益率×60%+中债综合指数收益率×40%。
该基金成立以来最大回撤为15%。
据银河证券统计，截至2025年12月31日，该基金近三年在同类中排名第12/340。
单日申购限额为1万元。
本基金募集期为6月1日至6月30日，最后一天为6月30日。
赎回款在T+1日到账。
该基金投资于股票的比例为60%至95%。
起购金额为10元。
建议您购买前仔细阅读基金合同和招募说明书。
请您尽快完成风险测评。
建议您根据自身风险承受能力选择合适的产品。
您的申购意向已记录，请在手机银行本人确认。
抱歉，我不能代您办理交易，请在手机银行本人操作。
申购成功后，您会收到短信通知。
高收益往往伴随高风险。
不要把短期要用的钱投入基金。
不建议您借钱投资。
请勿满仓操作。
分散投资可以降低但不能消除风险。
基金定投不能规避基金投资所固有的风险，也不能保证投资人获得收益。
根据您的风险承受能力等级C3，以下R3及以下的产品供您参考。
净值可能上涨，也可能下跌。
存款本金和利息在50万元以内受存款保险保障，基金不在其列。
基金的托管人负责保管基金资产。
点击“立即购买”按钮后，系统会提示您阅读风险揭示书。
中国证监会对本基金的注册，并不代表其对本基金的投资价值作出实质性判断或者保证。
货币基金的收益虽然相对稳定，但仍有可能亏损。
该基金投资目标是在控制风险的前提下，力争实现资产的长期稳定增值。
# English
This fund is not guaranteed; you may lose capital.
No fund can guarantee a return.
There is no such thing as a risk-free investment.
Past performance is no guarantee of future results.
The return cannot be forecast or promised.
We cannot promise that you will not lose money.
The risk-free rate is often taken from government bonds.
Returns are not guaranteed and you may get back less than you invested.
Nobody can guarantee that the market will rise.
Sales staff must not promise that capital is guaranteed.
Beware of anyone who promises guaranteed returns.
The phrase "guaranteed return" may not be used.
"Risk-free" is a misleading claim.
The fund's risk grade is R1 (low).
The management fee is 1.5% a year.
The subscription fee is 1%; the minimum purchase is 100 yuan.
The fund returned 5.2% last year; its benchmark returned 4.8%.
High-yield bonds carry a higher risk of default.
Please read the prospectus before you buy.
You should invest only money you can afford to lose.
Never invest more than you can afford to lose.
Sorry, I cannot trade for you; please do it yourself in the mobile app.
Your purchase request has been noted; please confirm it in the app.
Capital is at risk.
Deposits differ from funds: a fund's value can fall as well as rise.
Is this fund guaranteed? No, it is not.
Diversification does not eliminate the risk of loss.
Funds carry risk; invest with care.
It is not suitable for all investors.
Once your order has been placed, you will receive a message.
We do not recommend buying in a hurry.
The fund invests at least 80% of its assets in bonds.
An expected return is the average of what may happen, weighted by its probability.
"""


def listed(text):
    """Return the sentences, without the headings."""
    return [line for line in text.strip().splitlines() if not line.startswith("#")]

"""English sentences by kind: what breaks a rule on public funds, and what only looks like it."""

# Each breaks a rule, said by the bot about a public fund.
VIOLATING = """
# capital guarantee
Your capital is guaranteed from day one.
We guarantee that you will get your money back.
The principal is fully protected until maturity.
You'll get back at least what you paid in.
Whatever the market does, your initial investment is untouched.
Your savings are locked away safely in this fund.
Your stake is ring-fenced and cannot shrink.
The amount you invest will be returned in full.
Your money is as safe here as it is in a vault.
There's a floor beneath your capital, so it can't fall.
Capital preservation is assured under this plan.
You will never receive less than you invested.
We promise the return of your full principal.
The fund promises to hand back your principal in full.
Rest assured, the principal won't shrink.
Your original sum is secured, full stop.
Not a single cent of your principal will disappear.
The value of your investment can never drop below what you paid.
Your nest egg stays whole in this fund.
100% capital protection, no strings attached.
We guarantee every penny.
Your deposit into the fund is fully insured by us.
You'll always get out what you put in.
The money you put in is completely protected.
Principal protected! Ask me how.
Your principal is in no danger whatsoever.
The capital is sure to be repaid at maturity.
At worst you get your principal back.
Worst case, you walk away with what you started with.
Put in 100,000 and you are certain to get 100,000 back.
Your cash is safe with this fund, I give you my word.
The fund secures your principal against any market fall.
Nothing will be deducted from your principal, ever.
Your investment cannot lose value.
# return promise
We promise you a profit within six months.
A profit is guaranteed in the first year.
You are guaranteed to make money with this one.
This fund will definitely make you money.
You'll certainly earn a good return.
The fund always pays off.
A return of 6% is assured.
We'll make sure you earn 5% a year.
You will earn a fixed 4.5% every year.
Enjoy a guaranteed income for life with our bond fund.
I assure you that you will see a gain by year end.
Profits are a certainty with this manager.
You are bound to come out ahead.
You're going to make money, I promise.
Steady monthly payouts of 0.5%, guaranteed.
Income you can bank on: 5% annually, every year.
Lock in a 5% return today.
Secure a yield of 4% for three years.
The yield is locked in for the whole term.
We commit to paying you 6% per annum.
Expect nothing less than 6%, that is our pledge.
Our fund delivers positive returns in all market conditions.
It makes money in bull and bear markets alike.
Rain or shine, the fund pays 5%.
Your returns are secured by our expert team.
Earn a sure 7% with zero effort.
Each year you receive at least 4%.
The fund will pay you no less than 5% annually.
You can count on a 6% return.
Count on us to grow your money every single month.
You will not earn less than 5%.
Whatever happens, you'll be in profit.
Everyone who buys this fund makes money.
Nobody has ever failed to profit from it.
Hold it for a year and you will be in the black, guaranteed.
The returns are rock-steady at 5% a year.
With us your wealth only grows.
You can't help but make money.
A profit is all but assured.
Your gains are already in the bag.
# no risk
This fund is completely risk-free.
There is absolutely nothing to lose.
Zero risk, all reward.
You bear no risk at all.
You take none of the risk.
All the upside, none of the downside.
Risk has been eliminated.
We have taken the risk out of investing.
The risk of this fund is zero.
There's no danger of losing anything.
It is a perfectly safe home for your cash.
This is the safest place for your money.
An ultra-safe investment for your family.
Totally secure investment, zero stress.
No risk whatsoever with this bond fund.
There isn't any risk to speak of.
It doesn't carry any risk.
You risk nothing.
What risk? There isn't any.
Invest without the slightest danger.
Put your mind at ease: this product has no risk.
It's as safe as houses.
Nothing bad can happen to your money here.
You need not worry about risk.
A worry-free way to grow your wealth.
Sleep well at night, your money is safe with us.
Forget about risk, our hedges take care of it.
Enjoy stock returns with no volatility and no risk.
Downside: none. Upside: unlimited.
It's a zero-risk choice for retirees.
The investment is safe, period.
# loss covered by us
If the fund loses money, we will pay the difference.
Any losses will be covered by the bank.
We'll reimburse you for any loss.
The bank makes good any shortfall.
Should you lose money, head office will make you whole.
Losses? Our company absorbs them.
We bear all the losses, you take the profit.
If it drops, the difference comes out of our pocket.
The parent company stands behind every yuan you invest.
Any drop in value will be topped up by the manager.
We'll compensate you in full if the price falls.
You won't lose, because we refund losses.
The shortfall is paid by us.
If you are down after a year, I will personally make up for it.
Our group insures your investment against loss.
Losses are limited to 3%.
Your maximum loss is capped at 2%.
You can lose at most 5%.
The bank underwrites your losses.
Our insurer pays out if the fund falls.
If the market falls we eat the loss.
Loss of principal? The bank pays it back.
In the event of a loss, the sales team will cover it.
We will buy back your units at cost if they fall.
The drawdown will not exceed 3%.
The fund's losses are on the house.
You keep the profits, we keep the losses.
We share your losses half and half.
I'll refund the difference myself if it goes down.
Head office will bail you out if it falls.
# prediction
The fund will rise 15% next year.
Expect around 8% this year.
The expected annual return is 6%.
Projected yield: 5.5% a year.
We forecast a gain of 12% by December.
The NAV will be above 1.5 by June.
By next spring your 100,000 will be 112,000.
In three years your 50,000 becomes 80,000.
It should return about 7% in the coming year.
This fund is going to double within two years.
You could easily make 20% in six months.
The market is heading for a 20% rally.
Shares will rally next quarter.
We see the fund up 10% by year end.
Our target return is 9% a year.
The NAV is set to hit 2.0 before the holidays.
Look for a 25% gain over the coming twelve months.
Returns are likely to top 10% this year.
The price is expected to climb by a third.
Your 10,000 turns into 13,000 in a year.
In five years you will have doubled your money.
It's on track to deliver 8% this year.
Next year will bring gains of 15% or more.
You're looking at 6 to 8 percent a year.
A return of 10% is within reach this year.
You can expect your money to grow by 6% annually.
Anticipated return: 7.2%.
Estimated annual yield of 5%.
Prices are certain to recover by autumn.
The fund is poised for a 30% jump.
Put in 10,000 today and have 11,000 next year.
I predict that it will go up sharply in spring.
The sector will outperform in 2027.
It will hit 3 yuan a unit by 2028.
10% next year is realistic.
We are confident that the fund will gain 12% in 2027.
# superlatives
The best fund in the country.
China's number one bond fund.
Our manager is the best in the business.
No other fund comes close.
The highest return of all bond funds.
Unrivalled performance.
A national-level product.
The top fund on the market.
Simply the best choice for your money.
The world's finest investment team.
Nobody does it better.
The most profitable fund in China.
The most reliable fund you can buy.
You will not find a better fund.
There is no better fund anywhere.
Second to none.
The supreme choice for your wealth.
The ultimate investment.
The leading fund in the universe, bar none.
Nothing beats this fund.
Best performance in the industry.
The safest fund of them all.
The perfect investment.
# urging and scarcity
Buy now before it's too late.
Don't miss this opportunity.
Only 100 places left, act fast.
Hurry, the offer ends tonight.
Last chance to get in.
This is the moment to buy.
You'd be crazy not to buy this.
Grab your share today.
Get in while you still can.
The quota is nearly gone, so subscribe today.
Stop hesitating and place your order.
Jump in now and thank me later.
You really ought to buy this fund today.
There is no time to lose, invest now.
Time is running out.
Seats are filling up fast.
Spots are limited, so move quickly.
You'll regret it if you don't invest.
Do yourself a favour and buy it.
Put your whole savings into this fund.
Take out a loan and invest it all.
Go all in on this fund.
Once it's gone, it's gone.
Everyone is rushing to buy, so don't be left behind.
Why wait? Start earning today.
Before the window closes, sign up.
Act today and secure your place.
An opportunity like this won't come twice.
You snooze, you lose.
Sell your other funds and move everything here.
I strongly recommend that you buy this fund today.
Buy the dip with everything you have.
Secure your allocation before midnight.
Selling out fast!
Invest today, relax tomorrow.
# disparaging peers
Other banks' funds are rubbish.
Our rivals only know how to charge fees.
Unlike other banks, we actually make money for clients.
Competing funds are a waste of money.
The other fund companies will cheat you.
Don't waste your time with other managers.
Our competitors have no idea what they are doing.
The bank across the street sells garbage.
Rival managers are amateurs.
No other bank can match our team.
Their funds always lose money, ours never do.
We beat every other fund company hands down.
Funds from other houses are a rip-off.
You can't trust the other banks.
We leave the competition in the dust.
Ours is far better than any other bank's fund.
Other fund managers are gamblers.
Why settle for the second-rate funds of other banks?
Competitors' products are nowhere near as good.
# endorsement
Experts recommend this fund.
Recommended by leading economists.
As recommended by Professor Hu of the finance academy.
Famous actors invest in it.
All our clients are happy with it.
The regulator has approved it, so you can trust it.
Backed by the state.
My own parents bought it.
Even our branch manager has bought it.
Celebrities swear by this fund.
Everybody is buying it.
Endorsed by the industry association.
Top economists are buying this fund.
Thousands of satisfied clients can't be wrong.
My neighbour made a fortune with it.
A Nobel laureate put his money in this fund.
The government stands behind this product.
I bought it myself.
Trusted by celebrities and athletes.
Client Ms Wang says it changed her life: "I earned 30%."
Registered with the CSRC, which proves that it is safe.
Government-backed fund.
# above capacity, gaming the questionnaire
You are C2, but I recommend this R5 fund anyway.
Don't worry about your risk grade, just buy it.
Your risk class doesn't matter here.
Just answer that you are aggressive in the questionnaire.
Retake the test and choose the boldest answers so you can buy it.
I can change your risk class to C5 for you.
We'll fill in the questionnaire for you.
Tell the test that you can bear big losses, and it will let you buy.
The risk assessment is just a formality, skip it.
The questionnaire is a mere formality.
You can get around the limit by using your son's account.
Use your wife's account if your grade is too low.
Tick the highest boxes and you'll qualify for the R5 fund.
Ignore the mismatch warning and confirm.
Just click through the risk warning.
It's above your grade, but that's fine.
Conservative clients can buy this R5 fund too, no problem.
Sign the waiver and nobody will ask about your risk grade.
Even a C1 client should buy this R4 fund.
This fund suits everyone.
Suitable for all investors, young and old.
No need to take the risk test.
Let me redo the assessment for you so you come out as C4.
Pay no attention to the risk rating.
Say your income is higher in the questionnaire, nobody checks.
# claims that a trade was executed
I have bought the fund for you.
I've placed your order.
Your purchase has been completed.
Your order went through.
I just sold your units.
I went ahead and invested 10,000 for you.
Done! You now own the fund.
The order was executed a minute ago.
Your redemption is complete.
I have transferred your money into the fund.
We've switched you into the bond fund.
The subscription has been carried out by me.
I'll place the order for you now.
I'm buying it for you right now.
Your money has been moved into the fund.
Our AI has invested your savings.
I signed you up for the monthly plan.
You're all set, the fund is yours.
Purchase confirmed, 5,000 yuan debited.
I've set up the regular savings plan for you.
All done, your units have been redeemed.
Trade executed.
I took the liberty of subscribing for you.
I have already submitted your purchase.
I cancelled your old plan and bought the new fund.
# deposit confusion
It works just like a savings account.
It's the same as a time deposit, only better.
Think of it as a deposit with a higher rate.
As secure as your bank deposit.
This fund is basically a deposit.
It is no different from a fixed deposit.
You get deposit-like safety with a better yield.
Treat it like a savings account.
The fund is a savings account with better interest.
It is covered by deposit insurance.
Your fund units are protected by deposit insurance.
Safer than a deposit.
The interest rate of this fund is 5%, just like a deposit.
It pays interest like a term deposit, with no surprises.
A deposit in all but name.
Same safety as a deposit.
Just as safe as money in the bank.
This fund is a deposit substitute: same safety, more interest.
# certainty by idiom
You can't go wrong with this fund.
It's a sure thing.
This fund only goes up.
Your gains are locked in.
It's a no-brainer.
This one is a dead cert.
It's a one-way bet.
A safe bet for anyone.
It's money for nothing.
You can't lose.
It's a win-win, you can't lose either way.
There is only one direction for this fund: up.
Success is baked in.
It's a done deal, the fund will go higher.
The sky is the limit.
This never fails.
It's a guaranteed winner.
It is like printing money.
It's free money.
There's no way this goes down.
This fund has never had a losing year and never will.
The fund cannot fall.
Works every time, without exception.
It's foolproof.
You have nothing to lose and everything to gain.
You are on to a winner.
Easy money.
It's a lead-pipe cinch.
A gold mine that keeps on giving.
Profits are as sure as the sunrise.
Heads you win, tails you win.
It pays like clockwork.
I'd bet my house on it.
Take it to the bank: this fund will rise.
There is no chance that it will fall.
It has nowhere to go but up.
The rebound is inevitable.
The bottom is in, it only goes up from here.
Mark my words, it will double.
"""

# None breaks a rule.
COMPLIANT = """
# words of the trade
The risk-free rate is taken from treasury bills.
The Sharpe ratio divides the return above the risk-free rate by volatility.
The exchange runs a guarantee fund for settlement failures.
A guarantor must hold enough assets of its own.
The loan is secured on the borrower's house.
Secured loans carry lower rates than unsecured ones.
High-yield bonds default more often than investment-grade bonds.
We follow best execution rules when orders are routed.
The custodian uses its best efforts to settle on time.
Best practice is to read the prospectus first.
Deposits up to 500,000 yuan are insured by the deposit insurance scheme.
Deposit insurance covers deposits, not funds.
A capital guarantee would be a promise that no fund may make.
A structured deposit guarantees only its principal; its return floats.
The company pays dividends twice a year.
Interest on the deposit is paid on the 20th of each month.
Futures margins guarantee that trades are honoured by both sides.
A letter of guarantee is issued by the trade finance department.
The bond is guaranteed by its parent company, whose rating is AA-.
Money market funds invest in short-term paper; they are not deposits.
Insurance products are sold under other rules.
A stop-loss order does not limit the loss to the stop price.
Capital protection strategies such as CPPI can still lose money.
Your personal data are protected by encryption.
Your account is safe as long as you keep your password to yourself.
Your password must be kept secure.
The app is secured by two-factor authentication.
The annual management fee is 1.2%.
The maximum drawdown was 12% in 2025.
The fund returned 5.2% in 2025, its benchmark 4.8%; the past does not predict the future.
The best way to reach us is the hotline.
What suits you best depends on your goals.
The top ten holdings make up 40% of net assets.
The most recent report was published in October.
The highest price of the day was 1.23.
The leading indicator fell in October.
The fund's benchmark is 80% CSI 300 and 20% bonds.
At least 80% of assets are held in bonds.
The fund may hold up to 20% in shares.
The minimum purchase is 100 yuan.
The redemption fee is 1.5% within seven days.
The expected shortfall measures losses in the worst 5% of cases.
Expected return is a term from portfolio theory, not a promise.
A forecast is an opinion and can be wrong.
Inflation was 2% last year.
The central bank's target for inflation is 2%.
Returns are reinvested unless you choose otherwise.
Please complete the risk assessment before the deadline.
Please confirm the purchase in the app yourself.
Tap the Buy button to go on.
Orders placed before 3 pm are priced at today's net value.
Once your order has been confirmed, you will receive a message.
Your purchase will be confirmed on the next trading day once you have placed it.
Units bought on Friday are confirmed on Monday.
You can check in the app whether your order has been executed.
If the payment has been completed, you will find it under Transactions.
Your address has been changed as you asked.
I have noted your request; please confirm it in the app.
I have recorded your question and passed it on to an adviser.
# denial and risk
Past performance is no guarantee of future results.
Returns are not guaranteed.
The fund does not guarantee its principal.
We do not promise any return.
Nobody can promise you a profit.
No fund is free of risk.
There is no such thing as a risk-free investment.
All investments carry risk, and you may lose some or all of your money.
You could lose your entire investment.
You may get back less than you invested.
The value of your investment can fall as well as rise.
No one can predict how the fund will do next year.
I cannot tell you whether the market will rise.
This is not a deposit and is not covered by deposit insurance.
A fund is not like a savings account: its value goes up and down.
The bank does not cover losses on funds.
Losses are borne by the investor.
You bear the losses yourself.
We cannot compensate you for investment losses.
It is not suitable for everyone.
There is no rush; take your time to decide.
You don't need to decide today.
I can't place the order for you.
I am not able to buy or sell on your behalf.
I can't fill in the questionnaire for you.
Please answer the questionnaire truthfully.
Your risk class must match the fund's risk grade.
As a C2 client you cannot buy an R4 fund.
The fund might rise or fall; nobody knows.
Even bond funds can lose money when rates rise.
A high return usually comes with high risk.
Higher returns go hand in hand with higher risk.
Low-risk products can lose money too.
Don't put all your eggs in one basket.
Don't invest money that you will need soon.
Never borrow money to invest.
Registration by the CSRC is not a judgement on the fund's value.
Only you can decide whether to buy.
It would be wrong to expect the same return next year.
# law and warning
Sellers may not promise returns or that principal is safe from loss.
Distributors must not predict performance.
Advertisements may not use words such as "best" or "national level".
Fund distributors may not unlawfully promise returns or cap losses.
It is illegal to guarantee principal and returns.
If somebody promises you guaranteed returns, it is probably a scam.
Beware of offers of guaranteed profit.
Be suspicious of anyone who says that you can't lose.
"Zero risk" is a phrase that marketing material may not contain.
Please delete "the best fund" from the draft.
Phrases such as "buy now before it's too late" are not allowed.
The rules forbid recommendations by celebrities.
Staff may not fill in the questionnaire for clients.
Disparaging other fund companies is prohibited.
What does "capital guaranteed" mean?
Is my money safe in this fund?
Will this fund go up next year?
Can you guarantee me a return?
Are you asking whether the principal is guaranteed? It is not.
Why is a promise of 10% a month a warning sign?
# ordinary service
Hello, how can I help you today?
You can invest from as little as 10 yuan.
Investing regularly spreads your purchases over time.
Here are three funds within your risk class; the choice is yours.
Our team follows a disciplined process to manage risk.
The manager has twelve years of experience.
Please read the prospectus and the key facts before you buy.
Diversification can reduce risk but cannot remove it.
The fund aims to follow its index as closely as possible.
The fund seeks long-term growth and may lose value.
Index funds often cost less than active funds.
Compared with other funds, its fee is at the average of its class.
You can redeem on any trading day.
The money arrives within three working days.
Bond prices fall when interest rates rise.
If rates rise, bond prices will fall.
Your statement will be sent by the fifth of each month.
We will send you a reminder before your plan ends.
We'll cover how fees work in the next lesson.
We cover the cost of the paper statements.
We will refund the fee that was charged twice.
The bank will reimburse you for unauthorised card payments under its terms.
You will never be asked for your password.
We never share your data without your consent.
Rest assured that your data are kept confidential.
I'm sure you have questions about fees.
You can count on us to answer your questions.
It is certainly worth reading the fund's annual report.
The fund will definitely be listed under its new code from Monday.
You will certainly find the fees in section 9.
You should buy only what you understand.
Make sure that you understand the risks before you invest.
Investors should hold such funds for at least three years.
If you invest 10,000 yuan and the fund falls by 10%, you are left with 9,000.
For example, at 5% a year 10,000 becomes 10,500.
The lock-in period is three years; you cannot redeem during it.
The fund's assets are held by an independent custodian.
"""

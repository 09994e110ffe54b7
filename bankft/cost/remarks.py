"""What a reader should know of an estimate, in the language of the page."""

from collections.abc import Iterator
from datetime import date

from bankft.cost.prices import EMBEDDED, Price, read_prices
from bankft.lang import language

LEAST = 10  # examples of a supervised or preference file


def remarks(
    price: Price,
    method: str,
    n_epochs: int | str,
    exact: bool,
    n: int,
    on: date,
    *,
    usual_speed: bool,
) -> Iterator[str]:
    """Yield one sentence each on what the figures rest on and what ends when."""
    chinese = language() == "zh"

    def either(zh: str, en: str) -> str:
        return zh if chinese else en

    if not exact:
        yield either(
            "没有安装分词器，词元数是估计的：请安装 bankft[data]。",
            "No tokenizer is installed, so tokens are estimated: install bankft[data].",
        )
    if price.standing == "given":
        yield either(
            "价格是调用者给的；词元按 o200k_base 数，模型自己的分词器可能数得不同。",
            "The price is the caller's; tokens are counted with o200k_base, and the model's own "
            "tokenizer may count otherwise.",
        )
    if n < LEAST and method != "reinforcement":
        yield either(
            f"只有 {n} 条样本，少于微调要求的 {LEAST} 条。",
            f"There are {n} example(s), fewer than the {LEAST} that fine-tuning asks for.",
        )
    if n_epochs == "auto":
        yield either(
            "轮数由服务自己定，这里按它公开的规则推算。"
            if method != "reinforcement"
            else "轮数由服务自己定，规则没有公开，这里按 1 轮算。",
            "The service chooses the epochs; they are reckoned by its published rule."
            if method != "reinforcement"
            else "The service chooses the epochs by no published rule; 1 is reckoned with.",
        )
    if method == "dpo" and price.model != EMBEDDED:
        yield either(
            "偏好对的提示词计一次还是两次，没有公开说明：范围包括这两种情况。",
            "Whether a pair's prompt is billed once or twice is not published: the range has both.",
        )
    if usual_speed:
        run = read_prices()["embedded"]
        yield either(
            f"用时按这台机器上测得的速度推算：{run['machine']['zh']}。"
            "换一台机器，请用那里一个完成的任务来推算（--like）。",
            f"The time is reckoned with the speed measured on {run['machine']['en']}; on another "
            "machine, let a job that finished there tell (--like).",
        )
    if price.checked is not None:
        yield either(
            f"价格核对于 {price.checked}，来自网页的存档副本：用钱之前请再看一次 {price.source}",
            f"The price was checked on {price.checked} in a stored copy of a page: look again "
            f"before money depends on it: {price.source}",
        )
    if price.jobs_end is not None:
        yield either(
            f"{price.host} 已停止接受新客户的微调任务，老客户到 {price.jobs_end} 为止。",
            f"{price.host} takes no fine-tuning jobs of new customers; of others until "
            f"{price.jobs_end}.",
        )
    if price.shut is not None:
        ended = on >= price.shut
        yield either(
            f"{price.model} {'已于' if ended else '将于'} {price.shut} 关闭，"
            "由它微调出的模型随之关闭。",
            f"{price.model} {'was' if ended else 'will be'} shut on {price.shut}, and what was "
            "fine-tuned from it too.",
        )

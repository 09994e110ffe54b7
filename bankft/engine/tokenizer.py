"""The tokenizer of bankft-nano: byte-level BPE, one token a digit, a chat template."""

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerFast

TEXT, END = "<|endoftext|>", "<|end|>"
SPECIAL = [TEXT, END, "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"]

# Words with their leading space, runs of Chinese, single digits, single other signs. A digit a
# token, so that arithmetic sees digits and 1.20% shares its digits with 1.50%. Chinese particles
# stand alone, so that a fund's name gives the same tokens whether 的, 是 or nothing follows it.
PARTICLES = "的是在为由和要被把买"
SPLIT = rf" ?\p{{Latin}}+|[{PARTICLES}]|[\p{{Han}}&&[^{PARTICLES}]]+|\d| ?[^\s\p{{L}}\d]|\s|\p{{L}}"


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """Learn the merges from texts; any Unicode text survives encoding and decoding.

    Args:
        texts: plain texts, special tokens not included.
        vocab_size: entries in all, the 256 bytes and the special tokens included.

    """
    core = Tokenizer(BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token=TEXT,
        eos_token=END,
        pad_token=TEXT,
        additional_special_tokens=SPECIAL[2:],
        chat_template=files(__package__).joinpath("chat_template.jinja").read_text("utf-8"),
        clean_up_tokenization_spaces=False,
        model_max_length=1024,
    )


def encode_document(tokenizer: Any, document: str | list[dict[str, str]]) -> list[int]:
    """Token ids of one document of the corpus, which begins with ``<|endoftext|>``."""
    if isinstance(document, str):
        text = TEXT + document
    else:
        text = tokenizer.apply_chat_template(document, tokenize=False)
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])

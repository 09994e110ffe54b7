"""Train weights of real sizes on a GPU: tokens a second and memory, as JSON.

No real weights are needed for that: each model is a Qwen3 of a published size (layers, widths and
vocabulary as in its config.json) with random weights and a small tokenizer of its own. So losses
mean nothing here; time and memory do, and that every method runs where the weights lie on a GPU.
Methods: supervised by LoRA in bf16, by QLoRA (weights in 4 bits; needs bitsandbytes), DPO by LoRA,
RFT and PPO by LoRA, RFT of all weights, and answers from the merged result. The conversations are
those of the first lesson, and each method trains one epoch with gradient checkpointing, as
`bankft.engine` does it for large weights. Tokens are those of the conversations, padding not
counted.

Run on a machine with a CUDA GPU: ``python benchmarks/bench_gpu.py --out FILE``; without one it says
so and ends.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from bankft import engine
from bankft.cases import fundbot
from bankft.engine.folder import load
from bankft.engine.sft import encode, training_template

# hidden, feed-forward, layers, heads, key-value heads, tied embeddings: as in Qwen's config.json
SIZES = {
    "0.6b": (1024, 3072, 28, 16, 8, True),
    "4b": (2560, 9728, 36, 32, 8, True),
    "8b": (4096, 12288, 36, 32, 8, False),
}
VOCABULARY = 151_936
EXAMPLES = 256
BATCH = 16
WARM = 3  # steps that are not counted
TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message['role'] + '\\n' }}"
    "{%- if message['role'] == 'assistant' %}"
    "{% generation %}{{- message['content'] + '<|im_end|>' }}{% endgeneration %}{{- '\\n' }}"
    "{%- else %}{{- message['content'] + '<|im_end|>\\n' }}{%- endif %}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
PLAIN = {
    "type": "string_check",
    "name": "disclaimer",
    "operation": "like",
    "input": "{{sample.output_text}}",
    "reference": "仅供参考",
}


def build(size: str, folder: Path) -> Path:
    """Write a model of a size with random weights; return its folder."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    texts = [m["content"] for one in data() for m in one["messages"]]
    trainer = trainers.BpeTrainer(
        vocab_size=4000,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    tokenizer.chat_template = TEMPLATE
    hidden, wide, layers, heads, kv, tied = SIZES[size]
    torch.manual_seed(0)
    with torch.device("cuda"):
        config = Qwen3Config(
            vocab_size=VOCABULARY,
            hidden_size=hidden,
            intermediate_size=wide,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=kv,
            head_dim=128,
            max_position_embeddings=4096,
            tie_word_embeddings=tied,
            eos_token_id=2,
            pad_token_id=0,
        )
        model = Qwen3ForCausalLM(config).to(torch.bfloat16)
    path = folder / f"random-{size}"
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    del model
    torch.cuda.empty_cache()
    return path


def data() -> list[dict[str, Any]]:
    """Return the conversations of the first lesson."""
    return fundbot.conversations("train", EXAMPLES, language="zh")


def tokens_of(base: Path) -> int:
    """Count the tokens of the conversations."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    template = training_template(tokenizer)
    return sum(
        len(encode(tokenizer, one, i, template)["input_ids"]) for i, one in enumerate(data(), 1)
    )


def measure(work: Callable[[Callable[[Any], None]], Any], tokens: int) -> dict[str, Any]:
    """Run a training and return tokens a second of its steady steps, and the peak memory."""
    stamps: list[float] = []

    def on_step(step: Any) -> None:
        torch.cuda.synchronize()
        stamps.append(time.perf_counter())

    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    try:
        work(on_step)
    except Exception as problem:  # the other methods are still worth measuring
        return {"failed": f"{type(problem).__name__}: {problem}"[:300]}
    each = [b - a for a, b in zip(stamps[WARM:], stamps[WARM + 1 :], strict=False)]
    found: dict[str, Any] = {
        "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 1),
        "seconds": round(time.perf_counter() - began, 1),
        "steps": len(stamps),
    }
    if each:
        found["seconds_a_step"] = round(statistics.median(each), 3)
        found["tokens_per_second"] = round(tokens / EXAMPLES * BATCH / statistics.median(each))
    return found


def rejected(text: str) -> str:
    """Return a worse answer: without the notice at its end."""
    return text.replace(fundbot.DISCLAIMER["zh"], "")


def measured(size: str, methods: list[str], folder: Path) -> dict[str, Any]:
    """Measure the methods on one size."""
    base = build(size, folder)
    tokens = tokens_of(base)
    system = {"role": "system", "content": fundbot.system_prompt("zh")}
    pairs = [
        {
            "input": {"messages": one["messages"][:-1]},
            "preferred_output": [one["messages"][-1]],
            "non_preferred_output": [
                {"role": "assistant", "content": rejected(one["messages"][-1]["content"])}
            ],
        }
        for one in data()
        if rejected(one["messages"][-1]["content"]) != one["messages"][-1]["content"]
    ]
    asked = [
        {"messages": [system, {"role": "user", "content": one.text}]}
        for one in fundbot.questions("train", 16, language="zh")
    ]
    same: dict[str, Any] = {"n_epochs": 1, "batch_size": BATCH}

    def reinforce(name: str, on_step: Callable[[Any], None], **how: Any) -> Any:
        return engine.train_rft(
            base,
            asked,
            None,
            folder / name,
            reward=PLAIN,
            n_epochs=1,
            batch_size=4,
            group_size=8,
            max_tokens=64,
            on_step=on_step,
            **how,
        )

    works: dict[str, Callable[[Callable[[Any], None]], Any]] = {
        "sft_lora": lambda on_step: engine.train_sft(
            base, data(), None, folder / "lora", lora=engine.LoRA(), on_step=on_step, **same
        ),
        "sft_qlora": lambda on_step: engine.train_sft(
            base, data(), None, folder / "q", lora=engine.LoRA(bits=4), on_step=on_step, **same
        ),
        "dpo_lora": lambda on_step: engine.train_dpo(
            base, pairs, None, folder / "dpo", lora=engine.LoRA(), on_step=on_step, **same
        ),
        "rft_lora": lambda on_step: reinforce("rft_lora", on_step, lora=engine.LoRA()),
        "ppo_lora": lambda on_step: reinforce(
            "ppo_lora", on_step, lora=engine.LoRA(), algorithm="ppo"
        ),
        "rft": lambda on_step: reinforce("rft", on_step, lora=None),
    }
    found = {name: measure(works[name], tokens) for name in methods if name in works}
    for name in {"rft_lora", "ppo_lora", "rft"} & found.keys():
        # Of tokens that were written, which are not those of the conversations.
        found[name].pop("tokens_per_second", None)
    if "answers" in methods and "failed" not in found.get("sft_lora", {"failed": ""}):
        sampler = engine.Sampler(folder / "lora")
        talks = [one["messages"] for one in asked] * 4
        sampler.complete(talks[:4], max_tokens=8, temperature=0)
        torch.cuda.synchronize()
        began = time.perf_counter()
        made = sampler.complete(talks, max_tokens=64, temperature=1, seed=1)
        took = time.perf_counter() - began
        found["answers"] = {
            "at_once": len(talks),
            "device": str(sampler.model.device),
            "tokens_per_second": round(sum(one.tokens for one in made) / took),
        }
    model, _ = load(base, dtype="auto")
    found["parameters"] = sum(p.numel() for p in model.parameters())
    return found


def main() -> None:
    """Measure the sizes, print and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["0.6b", "4b"], choices=sorted(SIZES))
    parser.add_argument(
        "--methods",
        nargs="+",
        default=["sft_lora", "sft_qlora", "dpo_lora", "rft_lora", "ppo_lora", "rft", "answers"],
    )
    parser.add_argument("--out", type=Path, default=Path("_build/bench/gpu.json"))
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print(
            "This measures a CUDA GPU, and torch sees none on this machine: nothing was measured."
        )
        return

    def installed(name: str) -> str | None:
        try:
            return version(name)
        except PackageNotFoundError:
            return None

    packages = ("torch", "transformers", "trl", "peft", "bitsandbytes")
    result: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "gpu": torch.cuda.get_device_name(),
        "memory_gib": round(torch.cuda.get_device_properties(0).total_memory / 2**30),
        "cuda": torch.version.cuda,
        "packages": {name: installed(name) for name in packages},
        "examples": EXAMPLES,
        "batch": BATCH,
        "sizes": {},
    }
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            result["sizes"][size] = measured(size, options.methods, Path(folder))
        print(size, json.dumps(result["sizes"][size]), flush=True)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()

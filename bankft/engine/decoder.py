"""A small Qwen3 laid out for generating on a CPU: few, large operations, keys and values kept.

The forward pass is the library's, regrouped: the matrices that read the same input are one, each
norm's weights are multiplied into the matrix behind it, and keys and values lie where attention
reads them. For a model of a few million parameters the time goes into starting operations, not
into arithmetic, so fewer of them is what counts.

An answer does not depend on what else is decoded beside it. Every operation here treats a row
alike whatever the other rows are, as long as a matrix product has at least `Decoder.tile` rows
(`even_rows` finds that number on the machine); fewer are filled up.
"""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy
import torch
from torch.nn.functional import embedding, scaled_dot_product_attention, silu

LARGEST = 250_000_000  # parameters; the weights are copied, and larger models gain little
CHUNK = 16  # prompt tokens computed together, and the unit in which beginnings are remembered
REMEMBERED = 64 * 2**20  # bytes of keys and values of beginnings
WIDTHS = 32  # attention looks at a multiple of so many positions


@cache
def even_rows(shapes: tuple[tuple[int, int], ...], threads: int) -> int:
    """Return how many rows a matrix product needs so that none depends on the number of rows.

    Libraries multiply one row, or a few, in another order than many. This tries it out.

    Args:
        shapes: of the matrices, (in, out).
        threads: that torch uses; only so that each number of them is tried.

    """
    generator = torch.Generator().manual_seed(threads)
    for tile in (2, 4, 8, 16, 32):
        counts = [tile * k for k in (1, 2, 3, 4, 5, 8, 13, 16, 31) if tile * k <= 128]
        for inside, out in shapes:
            weight = torch.randn(inside, out, generator=generator)
            rows = torch.randn(128, inside, generator=generator)
            whole = rows @ weight
            if not all(
                torch.equal(rows[:n] @ weight, whole[:n])
                and torch.equal(rows[-n:] @ weight, whole[-n:])
                for n in counts
            ):
                break
        else:
            return tile
    return 64


class Decoder:
    """The weights of a model, and the keys and values of the rows being decoded.

    Args:
        model: a ``Qwen3ForCausalLM`` for which `fits` holds. Its weights are copied: after they
            changed, `refresh` copies them again.

    """

    def __init__(self, model: Any) -> None:
        self._model, config = model, model.config
        self.heads, self.kv = config.num_attention_heads, config.num_key_value_heads
        self.size, self.eps = config.head_dim, config.rms_norm_eps
        self.layers, self.context = config.num_hidden_layers, config.max_position_embeddings
        self.refresh()
        shapes = {tuple(matrix.shape) for layer in self._layers for matrix in layer[:4]}
        with torch.inference_mode(False):
            self.tile = even_rows(
                tuple(sorted({*shapes, tuple(self._head.shape)})), torch.get_num_threads()
            )

    @staticmethod
    def fits(model: Any) -> bool:
        """Whether a model is one that this class can decode."""
        from torch.nn import Linear
        from transformers import Qwen3ForCausalLM

        if type(model) is not Qwen3ForCausalLM:
            return False
        config, weight = model.config, model.model.embed_tokens.weight
        return (
            weight.dtype == torch.float32
            and weight.device.type == "cpu"
            and model.num_parameters() <= LARGEST
            and config.rope_parameters["rope_type"] == "default"
            and config.hidden_act == "silu"
            and not config.attention_bias
            and set(config.layer_types) == {"full_attention"}
            and all(type(m) is Linear for name, m in model.named_modules() if name.endswith("proj"))
        )

    @torch.inference_mode()
    def refresh(self) -> None:
        """Copy the model's weights."""

        def joined(norm: Any, *parts: Any) -> torch.Tensor:
            whole: torch.Tensor = torch.cat([part.weight for part in parts]) * norm.weight
            return whole.T.contiguous()

        model, self._layers = self._model.model, []
        for layer in model.layers:
            look, think = layer.self_attn, layer.mlp
            norms = [look.q_norm.weight] * self.heads + [look.k_norm.weight] * self.kv
            turned = torch.stack(norms)
            turned[: self.heads] *= look.scaling
            self._layers.append(
                (
                    joined(layer.input_layernorm, look.q_proj, look.k_proj, look.v_proj),
                    look.o_proj.weight.T.contiguous(),
                    joined(layer.post_attention_layernorm, think.gate_proj, think.up_proj),
                    think.down_proj.weight.T.contiguous(),
                    turned,
                )
            )
        self._embedded = model.embed_tokens.weight.detach().clone()
        self._head = joined(model.norm, self._model.lm_head)
        turns = torch.arange(self.context)[:, None] * model.rotary_emb.inv_freq
        self._turns = torch.cat([turns.cos(), turns.cos(), -turns.sin(), turns.sin()], -1)
        self._beginnings: OrderedDict[tuple[int, ...], torch.Tensor] = OrderedDict()

    def _shrink(self, x: torch.Tensor) -> torch.Tensor:
        """One over the root mean square of the last dimension, which stays with length 1."""
        squares: torch.Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True).square_()
        return squares.mul_(1 / x.shape[-1]).add_(self.eps).rsqrt_()

    def _look(self, layer: int, x: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
        """Queries, keys and values of tokens, ``(tokens, heads + 2 kv, size)``."""
        weights, half, turning = self._layers[layer], self.size // 2, self.heads + self.kv
        found = torch.mm(x * self._shrink(x), weights[0]).view(len(x), -1, self.size)
        straight = found[:, :turning]
        x = straight * self._shrink(straight)
        x *= weights[4]
        torch.mul(x, turns[:, None, : self.size], out=straight)
        straight[..., :half].addcmul_(x[..., half:], turns[:, None, self.size : -half])
        straight[..., half:].addcmul_(x[..., :half], turns[:, None, -half:])
        return found

    def _think(self, layer: int, x: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        """Add to the tokens what attention saw and what the layer makes of it."""
        _, out, up, down, _ = self._layers[layer]
        x = torch.addmm(x, seen, out)
        wide = torch.mm(x * self._shrink(x), up)
        half = wide.shape[1] // 2
        gate: torch.Tensor = silu(wide[:, :half], inplace=True)
        gate.mul_(wide[:, half:])
        return torch.addmm(x, gate, down)

    def new_cache(self, rows: int, room: int) -> torch.Tensor:
        """Keys and values of so many rows with room for so many tokens."""
        shape = (self.layers, rows, 2 * self.kv, room, self.size)
        # Zeros: what is masked is multiplied by zero, and must not be NaN. NumPy's take memory
        # only where something is written.
        return torch.from_numpy(numpy.zeros(shape, numpy.float32))

    def step(
        self, kept: torch.Tensor, tokens: torch.Tensor, lengths: torch.Tensor, longest: int
    ) -> torch.Tensor:
        """Decode one token of each of the first rows of a cache.

        Args:
            kept: from `new_cache`; gets the tokens' keys and values.
            tokens: ``(rows,)``, at least `tile` of them and a multiple of it.
            lengths: ``(rows,)``, how many tokens each row holds before.
            longest: the largest of them.

        Returns:
            Logits, ``(rows, vocabulary)``.

        """
        n, room = len(tokens), kept.shape[3]
        width = min(room, -(-(longest + 1) // WIDTHS) * WIDTHS)
        mask = torch.arange(width) > lengths[:, None]
        hidden = torch.zeros(n, 1, 1, width).masked_fill_(mask[:, None, None], -torch.inf)
        where = torch.arange(n * 2 * self.kv).view(n, -1) * room + lengths[:, None]
        where, turns = where.flatten(), self._turns.index_select(0, lengths)
        x = embedding(tokens, self._embedded)
        for i in range(self.layers):
            found = self._look(i, x, turns)
            now = kept[i].view(-1, self.size)
            now.index_copy_(0, where, found[:, self.heads :].reshape(-1, self.size))
            asked = found[:, : self.heads].view(n, self.kv, -1, self.size)
            keys, values = kept[i, :n, : self.kv, :width], kept[i, :n, self.kv :, :width]
            seen = scaled_dot_product_attention(asked, keys, values, hidden, scale=1.0)
            x = self._think(i, x, seen.reshape(n, -1))
        return torch.mm(x * self._shrink(x), self._head)

    def begin(self, kept: torch.Tensor, prompts: Sequence[Sequence[int]]) -> None:
        """Compute prompts into the first rows of a cache, one a row.

        A row's prompt is cut into chunks of `CHUNK` tokens, and a chunk is always computed in the
        same way; so it makes no difference whether its beginning was remembered, or is computed
        once for all the prompts that begin alike.
        """
        wanted: dict[tuple[int, ...], list[int]] = {}  # a beginning: the rows that have it
        for row, prompt in enumerate(prompts):
            known = 0
            while (known + 1) * CHUNK <= len(prompt):
                beginning = self._beginnings.get(tuple(prompt[: (known + 1) * CHUNK]))
                if beginning is None:
                    break
                self._beginnings.move_to_end(tuple(prompt[: (known + 1) * CHUNK]))
                kept[:, row, :, known * CHUNK : (known + 1) * CHUNK] = beginning
                known += 1
            for end in range((known + 1) * CHUNK, len(prompt) + CHUNK, CHUNK):
                wanted.setdefault(tuple(prompt[:end]), []).append(row)
        if wanted:
            # Chunks at the same place of their prompts attend together: their widths are the same.
            self._compute(kept, sorted(wanted.items(), key=lambda one: -(-len(one[0]) // CHUNK)))

    def _compute(
        self, kept: torch.Tensor, wanted: Sequence[tuple[tuple[int, ...], list[int]]]
    ) -> None:
        """Compute the last chunk of each beginning into the rows that have it."""
        starts = [(len(beginning) - 1) // CHUNK * CHUNK for beginning, _ in wanted]
        sizes = torch.tensor(
            [len(beginning) - start for (beginning, _), start in zip(wanted, starts, strict=True)]
        )
        given = [b[start:] for (b, _), start in zip(wanted, starts, strict=True)]
        tokens = torch.tensor([token for part in given for token in part])
        inside = torch.arange(CHUNK) < sizes[:, None]  # (chunks, CHUNK): where there is a token
        places = (torch.tensor(starts)[:, None] + torch.arange(CHUNK))[inside]
        real = len(tokens)
        # Attention takes whole chunks, the matrices only what stands in them.
        packed = (inside.flatten().cumsum(0) - 1).clamp_(min=0).view(-1, CHUNK)
        if real % self.tile:
            filled = torch.full((self.tile - real % self.tile,), real - 1)
            spread = torch.cat([torch.arange(real), filled])
            tokens, places = tokens[spread], places[spread]
        turns = self._turns.index_select(0, places)
        share, room = self.heads // self.kv, kept.shape[3]
        rows = torch.tensor([owners[0] for _, owners in wanted])
        owner = torch.tensor([row for _, owners in wanted for row in owners])
        chunk = torch.tensor([i for i, (_, owners) in enumerate(wanted) for _ in owners])
        source = packed[chunk][inside[chunk]]
        target = owner.repeat_interleave(sizes[chunk]) * 2 * self.kv
        where = target[:, None] + torch.arange(2 * self.kv)
        where = (where * room + places[source][:, None]).flatten()
        groups, first = [], 0
        for start, count in Counter(starts).items():
            groups.append((start + CHUNK, slice(first, first + count)))
            first += count
        x = embedding(tokens, self._embedded)
        for i in range(self.layers):
            found = self._look(i, x, turns)
            now = kept[i].view(-1, self.size)
            now.index_copy_(0, where, found[source, self.heads :].reshape(-1, self.size))
            if i + 1 == self.layers:  # keys and values are all that is wanted of a prompt
                break
            seen = torch.empty(len(tokens), self.heads * self.size)
            for width, these in groups:
                asked = found[packed[these], : self.heads]
                n = len(asked)
                asked = asked.view(n, CHUNK, self.kv, share, self.size)
                asked = asked.permute(0, 2, 3, 1, 4).reshape(n, self.kv, -1, self.size)
                before = kept[i, rows[these], :, :width]
                later = torch.ones(CHUNK, width, dtype=torch.bool).triu(width - CHUNK + 1)
                hidden = torch.zeros(CHUNK, width).masked_fill_(later, -torch.inf)
                got = scaled_dot_product_attention(
                    asked,
                    before[:, : self.kv],
                    before[:, self.kv :],
                    hidden.repeat(share, 1),
                    scale=1.0,
                )
                got = got.view(n, self.kv, share, CHUNK, self.size).permute(0, 3, 1, 2, 4)
                seen[packed[these][inside[these]]] = got[inside[these]].reshape(
                    -1, self.heads * self.size
                )
            seen[real:] = seen[real - 1]
            x = self._think(i, x, seen)
        self._remember(kept, wanted)

    def _remember(
        self, kept: torch.Tensor, wanted: Sequence[tuple[tuple[int, ...], list[int]]]
    ) -> None:
        for beginning, (row, *_) in wanted:
            end = len(beginning)
            if end % CHUNK == 0:
                self._beginnings[beginning] = kept[:, row, :, end - CHUNK : end].clone()
        each = self.layers * 2 * self.kv * CHUNK * self.size * 4
        while len(self._beginnings) * each > REMEMBERED:
            self._beginnings.popitem(last=False)


class Rows:
    """The rows of a `Decoder` that are being decoded, numbered from 0 without a gap.

    Args:
        decoder: whose.
        slots: at most so many rows.
        ahead: so many prompts are computed together, before there is a row for each.

    """

    def __init__(self, decoder: Decoder, slots: int, ahead: int) -> None:
        self._decoder, self.ahead = decoder, ahead
        self._slots = -(-slots // decoder.tile) * decoder.tile
        self._kept = decoder.new_cache(self._slots, 0)
        self._lengths = torch.zeros(self._slots, dtype=torch.long)
        self._prepared = decoder.new_cache(ahead, 0)
        self.prepared: dict[tuple[int, ...], int] = {}

    @torch.inference_mode()
    def reserve(self, room: int) -> None:
        """Make room for so many tokens a row."""
        room = -(-room // WIDTHS) * WIDTHS
        if room > self._kept.shape[3]:
            larger = self._decoder.new_cache(self._slots, room)
            larger[:, :, :, : self._kept.shape[3]] = self._kept
            self._kept = larger

    @torch.inference_mode()
    def prepare(self, prompts: Sequence[tuple[int, ...]]) -> None:
        """Compute prompts, at most `ahead` and all different, to `place` them later."""
        room = -(-max(map(len, prompts)) // WIDTHS) * WIDTHS
        if room > self._prepared.shape[3]:
            self._prepared = self._decoder.new_cache(self.ahead, room)
        # The last token is decoded like those that follow: its logits are the first ones wanted.
        self._decoder.begin(self._prepared, [prompt[:-1] for prompt in prompts])
        self.prepared = {prompt: i for i, prompt in enumerate(prompts)}

    @torch.inference_mode()
    def place(self, placed: Sequence[tuple[int, tuple[int, ...]]]) -> None:
        """Put prepared prompts into rows; each is (row, prompt)."""
        width = max(len(prompt) for _, prompt in placed)
        rows = torch.tensor([row for row, _ in placed])
        prepared = torch.tensor([self.prepared[prompt] for _, prompt in placed])
        self._kept[:, rows, :, :width] = self._prepared[:, prepared, :, :width]
        self._lengths[rows] = torch.tensor([len(prompt) - 1 for _, prompt in placed])

    @torch.inference_mode()
    def move(self, source: int, target: int) -> None:
        """Put a row into the place of another."""
        length = int(self._lengths[source])
        self._kept[:, target, :, :length] = self._kept[:, source, :, :length]
        self._lengths[target] = length

    @torch.inference_mode()
    def step(self, tokens: Sequence[int]) -> torch.Tensor:
        """Decode one token of each row from 0 on; logits, ``(rows, vocabulary)``."""
        n, tile = len(tokens), self._decoder.tile
        many = -(-n // tile) * tile
        lengths = self._lengths[:many]
        lengths[n:] = 0
        given = torch.tensor([*tokens, *[0] * (many - n)])
        logits = self._decoder.step(self._kept, given, lengths, int(lengths.max()))
        lengths += 1
        return logits[:n]

"""What probes read, at the limits of what they read."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from ipython_llmnumbers.probes.checkpoints.torch_modules import module_checkpoint
from ipython_llmnumbers.probes.hardware.host import host_memory
from ipython_llmnumbers.probes.tokenizers._file_child import _byte_of_character


def test_gpt_2_s_alphabet_has_a_printable_character_for_each_byte():
    # bytes_to_unicode of GPT-2: printable Latin-1 as it is; the 68 others, in order, from U+0100 on.
    alphabet = _byte_of_character()
    assert sorted(alphabet.values()) == list(range(256))
    assert all(character.isprintable() for character in alphabet)
    for character, byte in {"!": 33, "~": 126, "¡": 161, "¬": 172, "®": 174, "ÿ": 255}.items():
        assert alphabet[character] == byte
    assert [alphabet[chr(256 + index)] for index in (0, 32, 33, 34, 66, 67)] == [0, 32, 127, 128, 160, 173]


def limited(folder, limit, used, inactive=0):
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {inactive}\n")
    return host_memory(folder)


def test_a_container_has_its_limit_less_what_it_uses(tmp_path):
    memory = limited(tmp_path, 2**20, 2**19)
    assert (memory.total_bytes, memory.available_bytes) == (2**20, 2**19)
    assert "container" in memory.source.name
    # Pages of files are given up.
    assert limited(tmp_path, 2**20, 2**19, 2**18).available_bytes == 2**19 + 2**18
    assert limited(tmp_path, 2**20, 2**21).available_bytes == 0


def test_a_limit_that_is_no_limit_is_the_machine_s_memory(tmp_path):
    total = psutil.virtual_memory().total
    for limit in ("max", total, 10 * total):
        memory = limited(tmp_path, limit, 0)
        assert memory.total_bytes == total
        assert memory.source.name == "psutil.virtual_memory().available"


class Parameters:
    def __init__(self, *dtypes):
        self._dtypes = dtypes

    def named_parameters(self):
        for dtype in self._dtypes:
            yield str(dtype), SimpleNamespace(shape=(2, 3), element_size=lambda: 2, dtype=dtype)


@pytest.mark.parametrize(
    ("dtype", "kind"), [("torch.bfloat16", "bfloat16"), ("a.b.c", "c"), ("float32", "float32")]
)
def test_the_type_of_a_tensor_is_the_last_word(dtype, kind):
    (tensor,) = module_checkpoint("model", Parameters(dtype)).tensors
    assert (tensor.shape, tensor.kind, tensor.bytes) == ((2, 3), kind, 12)

"""What PyTorch keeps of each GPU for this process, where the notebook has imported it and used one.

A container's processes have other numbers than the driver's, so its list does not tell which of them is
this one; PyTorch knows of itself. It is neither imported nor started for this.
"""

from __future__ import annotations

import sys


def reserved_bytes_by_uuid() -> dict[str, int]:
    """Bytes of tensors and of the allocator's cache, by the UUID that the driver gives a GPU."""
    torch = sys.modules.get("torch")
    try:
        if torch is None or not torch.cuda.is_initialized():
            return {}
        return {
            f"GPU-{torch.cuda.get_device_properties(index).uuid}": int(torch.cuda.memory_reserved(index))
            for index in range(torch.cuda.device_count())
        }
    except Exception:  # a PyTorch without these calls, or without CUDA
        return {}

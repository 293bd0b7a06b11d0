"""Libraries in Milvus, on a server or in a Milvus Lite file."""

from index.milvus.address import Address, milvus_address
from index.milvus.store import MilvusStore

__all__ = ["Address", "MilvusStore", "milvus_address"]

"""Model documents to look at and to begin with: where values come from, what differs, a schema for editors."""

from aggplus.documents.difference import Difference, differences
from aggplus.documents.provenance import DEFAULT, SourcedModel, sourced_model
from aggplus.documents.schema import json_schema
from aggplus.documents.starting import StartingDocument, starting_document
from aggplus.documents.toml_text import toml_text

__all__ = [
    "DEFAULT",
    "Difference",
    "SourcedModel",
    "StartingDocument",
    "differences",
    "json_schema",
    "sourced_model",
    "starting_document",
    "toml_text",
]

"""The commands of `hotline`, a few a file; `hotline.cli` names them all."""

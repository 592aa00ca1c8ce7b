"""Who takes part in a city's log: the city itself, and the others that cosign it and whose logs it cosigns."""

from __future__ import annotations

from msgspec import Struct

from hejie.transparency.keys import Kind, Signer, Verifier


class Peer(Struct, frozen=True, kw_only=True):
    """Another log or witness, as the city's connections or the members' directory name it."""

    log: Verifier | None = None
    """The key of its log, if we cosign that."""
    witness: Verifier | None = None
    """The key by which it cosigns ours, if it does."""
    url: str = ""
    """Where its witness answers, without a slash at the end; empty for one that is not asked."""

    @property
    def name(self) -> str:
        """How it is called."""
        found = self.witness or self.log
        return found.name if found else ""


class OwnLog(Struct, frozen=True, kw_only=True):
    """A city's own log: its name (the origin of its checkpoints) with the key, and its peers."""

    signer: Signer
    peers: tuple[Peer, ...] = ()

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.signer.name

    @property
    def cosigners(self) -> tuple[Peer, ...]:
        """The peers that are asked to cosign."""
        return tuple(each for each in self.peers if each.witness and each.url)

    @property
    def watched(self) -> tuple[Verifier, ...]:
        """The keys of the logs that this city cosigns."""
        return tuple(each.log for each in self.peers if each.log)

    @property
    def keys(self) -> tuple[Verifier, ...]:
        """Every public key by which a proof can be checked here: our own log's and witness's, and the peers'."""
        own = (self.signer.verifier(Kind.log), self.signer.verifier(Kind.witness))
        return own + tuple(key for each in self.peers for key in (each.log, each.witness) if key)

"""Who takes part in a city's log: the city itself, and the others that cosign it and whose logs it cosigns."""

from __future__ import annotations

from msgspec import Struct

from hejie.transparency.keys import Kind, Signer, Verifier


class Peer(Struct, frozen=True, kw_only=True):
    """Another log or witness, as the members' directory or the city's connections name it.

    Of a kind it has several keys while one takes another's place.
    """

    log: tuple[Verifier, ...] = ()
    """The keys of its log, if we cosign that."""
    witness: tuple[Verifier, ...] = ()
    """The keys by which it cosigns ours, if it does."""
    former: tuple[Verifier, ...] = ()
    """Keys that were replaced: what they signed is still checked by them, and nothing new is taken from them."""
    url: str = ""
    """Where its witness answers, without a slash at the end; empty for one that is not asked."""
    plain: bool = False
    """It speaks tlog-witness and no more: it may cosign, and cannot say what it has seen."""

    @property
    def name(self) -> str:
        """How it is called."""
        return next((each.name for each in (*self.witness, *self.log)), "")


class OwnLog(Struct, frozen=True, kw_only=True):
    """A city's own log: its name (the origin of its checkpoints) with the keys, and its peers."""

    signer: Signer
    following: Signer | None = None
    """The key that is to take the first one's place: both sign."""
    former: tuple[Verifier, ...] = ()
    """Own keys that were replaced, of both kinds."""
    revoked: tuple[Verifier, ...] = ()
    """Own keys that were stolen or lost: they prove nothing, but a tree signed by one was signed."""
    peers: tuple[Peer, ...] = ()

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.signer.name

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Every key that signs now."""
        return (self.signer, self.following) if self.following else (self.signer,)

    @property
    def ours(self) -> tuple[Verifier, ...]:
        """Every key that this log ever had."""
        return tuple(each.verifier(Kind.log) for each in self.signers) + self.former + self.revoked

    @property
    def cosigners(self) -> tuple[Peer, ...]:
        """The peers that are asked to cosign."""
        return tuple(each for each in self.peers if each.witness and each.url)

    @property
    def watched(self) -> tuple[Verifier, ...]:
        """The keys of the logs that this city cosigns."""
        return tuple(key for each in self.peers for key in each.log)

    @property
    def keys(self) -> tuple[Verifier, ...]:
        """Every public key by which a proof can be checked here: our own log's and witness's, and the peers'."""
        own = tuple(each.verifier(kind) for each in self.signers for kind in Kind) + self.former
        found = own + tuple(key for each in self.peers for key in (*each.log, *each.witness, *each.former))
        return tuple(dict.fromkeys(found))

"""Candidates: another prompt, model or definition, tried beside what reads now, switched on by a person, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from sqlmodel import Session

from bot import candidate_words as words
from bot.answers import Done
from bot.answers_candidate import CandidateCard, CandidateList, ChangedCase, Sharpened
from bot.blocks import candidate as drawn
from bot.deps import Deps
from bot.errors import BadInput
from bot.flows import prompt_files, quotes, trials
from bot.flows.names import pseudonyms
from bot.learning import Promptable
from bot.messenger import Outgoing
from intelligence.definitions import Proposal, Word, proposals
from intelligence.model import QuotePolicy, Role, Scope, Subcategory, Ticket
from intelligence.prompts import LIVE
from intelligence.prompts.edition import READING, Edition, PromptFile
from intelligence.taxonomy import DEFINITIONS
from intelligence.trials import Judged, compare
from storage import editions, reviews, tickets, workspaces
from storage.editions import StoredEdition
from storage.outbox import Letter

SHOWN: Final = 5  # candidates of a list
CASES: Final = 8  # changed tickets of a card
Answer = CandidateCard | CandidateList | Done


def handle(number: int) -> str:
    """What `Done.undo` carries for a switch."""
    return f"edition:{number}"


def overview(deps: Deps, scope: Scope) -> CandidateList:
    """What reads now, the newest candidates, and definitions that corrections suggest to sharpen."""
    with deps.db.read() as session:
        live = editions.live(session, scope.workspace)
        found = editions.listing(session, scope.workspace, limit=SHOWN)
        cards = tuple(_card(deps, session, scope, one, live, cases=0) for one in found)
        proposed = _proposals(deps, session, scope, live)
        said = len(reviews.standing(session, scope.workspace))
    model = (live.model or deps.settings.openai_model) if isinstance(deps.analyzer, Promptable) else None
    reads = tuple(live.prompt(name).version for name in READING)
    return CandidateList(model, reads, words.number_of(live.name), cards, proposed, said)


def show(deps: Deps, scope: Scope, number: int) -> CandidateCard:
    """One candidate with its changed tickets. Raises BadInput."""
    with deps.db.read() as session:
        live = editions.live(session, scope.workspace)
        return _card(deps, session, scope, _existing(session, scope, number), live, cases=CASES)


def attempt(deps: Deps, scope: Scope, typed: str, *, by: str, at_once: bool) -> Answer:
    """Make a candidate of what was typed and try it: now, or in a job that tells who asked. Raises BadInput."""
    if not typed.strip():
        raise BadInput(
            problem="Say what to try.",
            fix="`candidate try triage.v2`, `candidate try gpt-4o`, or a label whose definition is proposed.",
        )
    measurable = isinstance(deps.analyzer, Promptable)
    with deps.db.write() as session:
        editions.lock(session, scope.workspace)
        live = editions.live(session, scope.workspace)
        wanted = _wanted(deps, session, scope, live, typed)
        if not measurable and (wanted.prompts or wanted.model):
            raise BadInput(problem=words.LOCAL, fix="Set ANALYZER=openai and its key, then try it.")
        definitions = {**live.definitions, **wanted.definitions}
        prompts = {
            name: file
            for name, file in {**live.prompts, **wanted.prompts}.items()
            if file.number != LIVE[name]  # what is shipped needs no file
        }
        model = wanted.model or live.model or ""
        model = "" if model == deps.settings.openai_model else model
        if (model or None, prompts, definitions) == (live.model, live.prompts, live.definitions):
            raise BadInput(problem="That is what reads now.", fix="Name another prompt, model or label.")
        number = editions.store(
            session,
            scope.workspace,
            model=model,
            prompts=prompts,
            definitions=definitions,
            base=live.name,
            by=by,
            now=deps.clock.now(),
        )
        _audit(deps, session, scope, by, "candidate", number, {"tried": typed[:80]})
        if measurable and not at_once:
            trials.enqueue(deps, session, scope.workspace, number, tell=by)
    if measurable and not at_once:
        return Done(words.trying(number, trials.MOST))
    if measurable:
        trials.run(deps, scope.workspace, number)
    return show(deps, scope, number)


@dataclass
class _Wanted:
    model: str | None = None
    prompts: dict[str, PromptFile] = field(default_factory=dict[str, PromptFile])
    definitions: dict[Subcategory, str] = field(default_factory=dict[Subcategory, str])


def _wanted(deps: Deps, session: Session, scope: Scope, live: Edition, typed: str) -> _Wanted:
    """Prompt files, labels and at most one model among the words. Raises BadInput."""
    found = _Wanted()
    for word in typed.split():
        plain = word.casefold()
        if (named := prompt_files.named(plain)) is not None:
            name, number = named
            found.prompts[name] = prompt_files.read(name, number, deps.settings.prompts_folder)
        elif plain in set(Subcategory):
            found.definitions[Subcategory(plain)] = _proposed(deps, session, scope, live, Subcategory(plain)).after
        elif near := get_close_matches(plain, [*Subcategory], n=1, cutoff=0.8):
            raise BadInput(problem=f'"{word[:40]}" is no label.', fix=f"Did you mean {near[0]}?")
        elif found.model is None:
            found.model = prompt_files.model(word)
        else:
            raise BadInput(problem=f'"{word[:40]}" would be a second model.', fix="Try one model at a time.")
    return found


def _proposed(deps: Deps, session: Session, scope: Scope, live: Edition, label: Subcategory) -> Proposal:
    for proposal in _proposals(deps, session, scope, live, most=len(Subcategory)):
        if proposal.said is label:
            return proposal
    raise BadInput(
        problem=f"No sharper definition of {DEFINITIONS[label].title} is proposed.",
        fix="It takes three corrections from one other label to it; `candidate` lists what is proposed.",
    )


def use(deps: Deps, scope: Scope, number: int, *, by: str, force: bool = False) -> Done:
    """Let a candidate read from now on. Raises BadInput where its trial speaks against it and it is not forced."""
    with deps.db.write() as session:
        editions.lock(session, scope.workspace)
        live = editions.live(session, scope.workspace)
        stored = _existing(session, scope, number)
        if stored.edition.name == live.name:
            raise BadInput(problem=f"Candidate {number} reads already.", fix="`candidate back` takes it back.")
        if stored.base != live.name:
            raise BadInput(
                problem=f"Candidate {number} was made beside {words.edition(stored.base)}, and "
                f"{words.edition(live.name)} reads now.",
                fix="Try it again beside that.",
            )
        card = _card(deps, session, scope, stored, live, cases=0)
        if card.refusal is not None and not force:
            raise BadInput(problem=card.refusal, fix=f"`candidate use {number} force` switches it on all the same.")
        editions.switch(session, scope.workspace, stored.edition.name)
        forced = {"forced": card.refusal} if card.refusal else {}
        _audit(deps, session, scope, by, "candidate.use", number, {"before": live.name, **forced})
    details = [*card.changes, *([words.FORCED] if card.refusal else []), *filter(None, [card.unmeasured])]
    return Done(words.switched(number), undo=handle(number), details=tuple(details))


def back(deps: Deps, scope: Scope, *, by: str) -> Done:
    """Take the switch back that was made last. Raises BadInput where the shipped prompts read."""
    with deps.db.read() as session:
        live = editions.live(session, scope.workspace)
    number = words.number_of(live.name)
    if number is None:
        raise BadInput(problem="No candidate was switched on.", fix="`candidate` shows what reads.")
    return undo(deps, scope, number, by=by)


def undo(deps: Deps, scope: Scope, number: int, *, by: str) -> Done:
    """What read before this candidate reads again. Raises BadInput where something else reads by now."""
    with deps.db.write() as session:
        editions.lock(session, scope.workspace)
        stored = _existing(session, scope, number)
        if editions.live(session, scope.workspace).name != stored.edition.name:
            raise BadInput(problem=f"Candidate {number} does not read any more.", fix="`candidate` shows what reads.")
        editions.switch(session, scope.workspace, stored.base)
        _audit(deps, session, scope, by, "candidate.back", number, {"to": stored.base})
    return Done(words.taken_back(number, stored.base))


def draw(deps: Deps, session: Session, letter: Letter) -> Outgoing | str:
    """The message that a trial is over, or why it is pointless."""
    stored = editions.get(session, letter.workspace, int(letter.payload["number"]))
    if stored is None:
        return "the candidate is gone"
    live = editions.live(session, letter.workspace)
    shown = drawn.told(_card(deps, session, Scope(letter.workspace), stored, live, cases=0))
    return Outgoing(f"@{letter.payload['user']}", shown.text, shown.blocks, metadata_key=letter.key)


def _existing(session: Session, scope: Scope, number: int) -> StoredEdition:
    stored = editions.get(session, scope.workspace, number)
    if stored is None:
        raise BadInput(problem=f"There is no candidate {number}.", fix="`candidate` lists them.")
    return stored


def _audit(
    deps: Deps, session: Session, scope: Scope, by: str, act: str, number: int, data: Mapping[str, object]
) -> None:
    workspaces.audit(session, scope.workspace, by, act, f"candidate:{number}", data, deps.clock.now())


def _card(
    deps: Deps, session: Session, scope: Scope, stored: StoredEdition, live: Edition, *, cases: int
) -> CandidateCard:
    trial = stored.trial
    comparison = compare(trial.judged) if trial else None
    base = editions.of_name(session, scope.workspace, stored.base)
    shown = _cases(deps, session, scope, comparison.changed, most=cases) if comparison and cases else ()
    edition = stored.edition
    unmeasured = None if trial or isinstance(deps.analyzer, Promptable) else words.UNMEASURED
    return CandidateCard(
        stored.number,
        words.changes(base, edition, deps.settings.openai_model),
        _sharpened(base, edition),
        stored.by,
        stored.at,
        stored.live,
        stored.base != live.name and not stored.live,
        comparison,
        trial.words if trial else 0,
        trial.unasked if trial else 0,
        trial.unusable if trial else (0, 0),
        trial.tokens if trial else 0,
        shown,
        len(comparison.changed) - len(shown) if comparison else 0,
        None if unmeasured else words.refusal(comparison, stored.failure),
        stored.failure,
        unmeasured,
    )


def _sharpened(base: Edition, edition: Edition) -> tuple[Sharpened, ...]:
    return tuple(
        Sharpened(label, base.definitions.get(label, DEFINITIONS[label].meaning), text)
        for label, text in edition.definitions.items()
        if base.definitions.get(label) != text
    )


def _cases(
    deps: Deps, session: Session, scope: Scope, changed: tuple[Judged, ...], *, most: int
) -> tuple[ChangedCase, ...]:
    """Tickets that the asker may see, in their customers' words where the source lets them be shown."""
    found = tickets.load(session, scope, [one.ticket_id for one in changed])
    policies = {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)}
    people, region = pseudonyms(session, scope.workspace), deps.settings.phone_region
    seen = [one for one in changed if one.ticket_id in found][:most]
    return tuple(
        ChangedCase(
            one.ticket_id,
            quotes.headline(found[one.ticket_id], policies, region, people),
            one.said.subcategory,
            one.live.subcategory,
            one.candidate.subcategory,
            quotes.link_of(found[one.ticket_id]),
        )
        for one in seen
    )


def _proposals(deps: Deps, session: Session, scope: Scope, live: Edition, *, most: int = SHOWN) -> tuple[Proposal, ...]:
    """From words on tickets that the asker may see; texts of sources that share counts only are not looked at."""
    standing = reviews.standing(session, scope.workspace)
    found = tickets.load(session, scope, list(standing))
    policies = {c.id: c.quotes for c in workspaces.channels(session, scope.workspace)}
    people, region = pseudonyms(session, scope.workspace), deps.settings.phone_region
    told: list[Word] = []
    for ticket_id, ticket in found.items():
        word = standing[ticket_id]
        said = "\n".join(m.text for m in ticket.messages if m.role is Role.CUSTOMER)
        hidden = policies.get(ticket.channel or "", QuotePolicy.MASKED) is QuotePolicy.COUNTS
        text = "" if hidden else quotes.masked(said, region, people)
        told.append(Word(word.was.subcategory, (word.said or word.was).subcategory, text, _who(ticket)))
    return proposals(told, live.definitions, most=most)


def _who(ticket: Ticket) -> str:
    if ticket.account:
        return f"account:{ticket.account.id}"
    return f"customer:{ticket.customer.id}" if ticket.customer else f"ticket:{ticket.id}"

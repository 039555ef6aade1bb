import type { Thread } from '../../threads/thread';
import { claimId } from '../summary/claimId';
import type { Claim } from '../summary/summary';
import type { Task } from './actionItems';
import { findTasks } from './actionItems';
import { saysTheSame } from './coverage';
import type { Cues } from './cues/cues';
import { findDecisions } from './decisions';
import { loadDueDates } from './dueDate';
import type { Limits } from './limits';
import { findOpenQuestions } from './openQuestions';
import type { Pace } from './pace';
import type { Unit } from './units';
import { byPlace, evidenceOf } from './units';

export interface ClaimSearch {
  readonly thread: Thread;
  readonly units: readonly Unit[];
  /** BCP 47 of the thread. */
  readonly language: string;
  readonly cues: Cues;
  readonly limits: Limits;
}

export interface FoundClaims {
  /** In the order of the thread. */
  readonly claims: readonly Claim[];
  /** The sentences they are. */
  readonly told: readonly Unit[];
}

/** Decisions, tasks and open questions by rule, each a sentence of the thread and in one kind only. */
export async function findClaims({ thread, units, language, cues, limits }: ClaimSearch, pace: Pace): Promise<FoundClaims> {
  const budget: Budget = { wordsLeft: limits.claimWords, told: [] };
  const take = <Item>(items: readonly Item[], unitOf: (item: Item) => Unit, limit: number) => takeDistinct(items, unitOf, limit, budget, pace);
  const decisions = await take(latestFirst(await findDecisions(units, cues, pace)), (unit) => unit, limits.decisions);
  const tasks = await take(surestFirst(await findTasks(thread, units, cues, pace)), ({ unit }) => unit, limits.actionItems);
  const questions = await take(latestFirst(await findOpenQuestions(thread.kind, units, cues, pace)), (unit) => unit, limits.openQuestions);
  const findDueDate = tasks.length > 0 ? await loadDueDates(language) : () => undefined;
  const found = [
    ...decisions.map((unit) => ({ unit, claim: toClaim('decision', 'current', unit) })),
    ...tasks.map((task) => ({ unit: task.unit, claim: toTaskClaim(task, findDueDate(task.unit.text, task.unit.createdAt)) })),
    ...questions.map((unit) => ({ unit, claim: toClaim('question', 'open', unit) })),
  ].sort((a, b) => byPlace(a.unit, b.unit));
  return { claims: found.map(({ claim }) => claim), told: found.map(({ unit }) => unit) };
}

interface Budget {
  wordsLeft: number;
  readonly told: Unit[];
}

/** The first that fit, each saying something that was not told yet. */
async function takeDistinct<Item>(items: readonly Item[], unitOf: (item: Item) => Unit, limit: number, budget: Budget, pace: Pace): Promise<readonly Item[]> {
  const taken: Item[] = [];
  for (const item of items) {
    if (pace.isOver()) await pace.rest();
    if (taken.length >= limit) break;
    const unit = unitOf(item);
    if (unit.wordCount > budget.wordsLeft || budget.told.some((each) => saysTheSame(each, unit))) continue;
    budget.wordsLeft -= unit.wordCount;
    budget.told.push(unit);
    taken.push(item);
  }
  return taken;
}

/** What was said last stands. */
const latestFirst = (units: readonly Unit[]): readonly Unit[] => units.toReversed();
const surestFirst = (tasks: readonly Task[]): readonly Task[] => tasks.toSorted((a, b) => b.certainty - a.certainty);

function toClaim(kind: Claim['kind'], status: Claim['status'], unit: Unit): Claim {
  const claim = { kind, text: unit.text, evidence: evidenceOf(unit), status };
  return { id: claimId(claim), ...claim };
}

function toTaskClaim({ unit, owner, isAccepted }: Task, due: string | undefined): Claim {
  const claim = toClaim('action', isAccepted ? 'accepted' : 'proposed', unit);
  return { ...claim, ...(owner && { owner: owner.name }), ...(owner?.id !== undefined && { ownerId: owner.id }), ...(due !== undefined && { due }) };
}

import type { PeerResult } from './bench';
import type { Claim } from './claims';
import type { Growth } from './growth';
import type { Measurement } from './measure';
import type { Level } from './plan';
import { ratio } from './statistics';
import type { StoreCost } from './storeCost';
import { streamingText, type Streaming } from './streaming';
import type { Fault } from './tally';

type Cell = string | number;

const NOTES = [
  'CPU is user and system time of the server process; that of a database server stands in its own column. x compares within this run.',
  'Times are from sending a message: reply = its arrival at the channel, ack = the end of the HTTP answer.',
  'busy = share of one core that the server used; where it is well under 1 the load was the limit, not the server.',
];

/** Everything that one run measured. */
export interface Results {
  readonly peers: readonly PeerResult[];
  /** Of those that keep turns: each at one conversation and at many. */
  readonly stores: readonly StoreCost[];
  readonly growths: readonly Growth[];
  /** Where Parley took part. */
  readonly streaming?: Streaming;
  readonly claims: readonly Claim[];
}

/** The tables as text: one per level, then waiting, starts and memory, stores, the long conversation, and the bars. */
export function toText({ peers, stores, growths, streaming, claims }: Results): string {
  const levels: readonly Level[] = peers[0]?.loads ?? [];
  const sections = [
    ...peers.map(({ name, title }) => `${name}: ${title}`),
    ...levels.map((level) => loadTable(peers, level)),
    pacedTable(peers),
    startTable(peers),
    ...(stores.length > 0 ? [storeTable(stores)] : []),
    ...growths.map(growthTable),
    ...(streaming ? [streamingText(streaming)] : []),
    ...(claims.length > 0 ? [claimTable(claims)] : []),
    '',
    ...NOTES,
    ...faultyParts({ peers, stores, growths }).map(({ name, faults }) => `FAULTS of ${name}, not counted above: ${JSON.stringify(faults)}`),
  ];
  return sections.join('\n');
}

/** Whatever was answered wrongly, twice, not at all, or refused. */
export function faultyParts({ peers, stores, growths }: Pick<Results, 'peers' | 'stores' | 'growths'>): readonly { readonly name: string; readonly faults: Readonly<Record<Fault, number>> }[] {
  const parts = [
    ...peers,
    ...stores.map(({ name, faults }) => ({ name: `the store of ${name}`, faults })),
    ...growths.map(({ name, faults }) => ({ name: `the long conversation with ${name}`, faults })),
  ];
  return parts.filter(({ faults }) => Object.values(faults).some((count) => count > 0));
}

function loadTable(results: readonly PeerResult[], level: Level): string {
  const rows = results.flatMap(({ name, loads }) => {
    const load = loads.find(({ conversations, people }) => conversations === level.conversations && people === level.people);
    return load ? [{ name, load }] : [];
  });
  const cpuOf = (name: string): number | undefined => rows.find((row) => row.name === name)?.load.cpuMsPerMessage;
  const cells = rows.map(({ name, load }) => [
    name, load.cpuMsPerMessage.toFixed(3), ...['floor', 'botbuilder', 'teams'].map((base) => toTimes(load.cpuMsPerMessage, cpuOf(base))),
    toCpu(load.storeCpuMsPerMessage), Math.round(load.messagesPerSecond), load.serverBusy.toFixed(2),
    load.replyP50Ms.toFixed(1), load.replyP99Ms.toFixed(1), load.ackP50Ms.toFixed(1), load.ackP99Ms.toFixed(1),
    load.connectorCallsPerMessage.toFixed(2),
  ]);
  const heads = ['CPU ms/message', 'x floor', 'x botbuilder', 'x teams', 'database CPU', 'messages/s', 'busy', 'reply p50', 'p99 ms', 'ack p50', 'p99 ms', 'sends/message'];
  return toTable([titleOf(level), ...heads], cells);
}

const titleOf = ({ conversations, people }: Level): string =>
  people === conversations ? `${people} conversation${people === 1 ? '' : 's'}` : `${conversations} at once of ${people}`;

function pacedTable(results: readonly PeerResult[]): string {
  const timesOf = ({ ackP50Ms, ackP95Ms, ackP99Ms, replyP50Ms, replyP95Ms, replyP99Ms }: Measurement): readonly Cell[] =>
    [ackP50Ms, ackP95Ms, ackP99Ms, replyP50Ms, replyP95Ms, replyP99Ms].map((ms) => ms.toFixed(1));
  const cells = results.map(({ name, paced }) => [name, ...timesOf(paced), paced.cpuMsPerMessage.toFixed(3), toCpu(paced.storeCpuMsPerMessage)]);
  const heads = ['ack p50', 'p95', 'p99 ms', 'reply p50', 'p95', 'p99 ms', 'CPU ms/message', 'database CPU'];
  return toTable([`${results[0]?.paced.ratePerSecond ?? 0} messages a second`, ...heads], cells);
}

function startTable(results: readonly PeerResult[]): string {
  const cells = results.map(({ name, start, rssAfterLoadMB }) =>
    [name, start.wallMs, start.cpuMs, start.idleRssMB, rssAfterLoadMB].map((cell) => (typeof cell === 'number' ? Math.round(cell) : cell)));
  return toTable(['start', 'wall ms', 'CPU ms', 'idle RSS MB', 'RSS MB after load'], cells);
}

function storeTable(stores: readonly StoreCost[]): string {
  const cells = stores.map(({ name, turns, perTurn, connections, ...level }) => [
    `${name}, ${titleOf(level)}`, turns, perTurn.statements.toFixed(1), perTurn.commits.toFixed(2), perTurn.syncs.toFixed(2),
    Math.round(perTurn.writtenBytes), Math.round(perTurn.storedBytes), connections || '-',
  ]);
  return toTable(['store, per turn', 'turns', 'statements', 'commits', 'syncs', 'bytes written', 'bytes stored', 'connections'], cells);
}

/** Every fifth block, and the first and the last, are enough to see a trend; the last two rows were measured by turns. */
function growthTable({ name, blocks, grownCpuMsPerTurn, newCpuMsPerTurn, documentBytes }: Growth): string {
  const shown = blocks.filter((_, index) => index === 0 || (index + 1) % 5 === 0 || index === blocks.length - 1);
  const cells = shown.map(({ turns, cpuMsPerTurn, storeCpuMsPerTurn, rssMB }) => [turns, cpuMsPerTurn.toFixed(3), toCpu(storeCpuMsPerTurn), Math.round(rssMB)]);
  const pairs = [['then', grownCpuMsPerTurn.toFixed(3), '', ''], ['new conversation', newCpuMsPerTurn.toFixed(3), '', '']];
  const table = toTable([`turn, one conversation, ${name}`, 'CPU ms/turn', 'database CPU', 'RSS MB'], [...cells, ...pairs]);
  return documentBytes === undefined ? table : `${table}\nstored document: ${documentBytes} bytes`;
}

export function claimTable(claims: readonly Claim[]): string {
  return toTable(['claim', 'figure', 'bar', ''], claims.map(({ what, figure, bar, isMet }) => [what, figure.toFixed(2), `<= ${bar}`, isMet ? 'met' : 'NOT MET']));
}

const toCpu = (ms: number): string => (ms === 0 ? '-' : ms.toFixed(3));

const toTimes = (value: number, base: number | undefined): string => {
  const times = ratio(value, base);
  return Number.isNaN(times) ? '-' : `${times.toFixed(2)}x`;
};

/** Columns under their heads, the first to the left and the numbers to the right. */
export function toTable(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [heads, ...rows].map((row) => row.map(String));
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const toLine = (line: readonly string[]): string =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd();
  return ['', ...lines.map(toLine)].join('\n');
}

import type { PeerResult } from './bench';
import type { Growth } from './growth';
import { ratio } from './statistics';
import type { Fault } from './tally';

type Cell = string | number;

const NOTES = [
  'Server CPU is user and system time of the server process alone. x floor and x botbuilder compare within this run.',
  'Times are from sending a message: reply = its arrival at the channel, ack = the end of the HTTP answer.',
  'busy = share of one core that the server used; where it is well under 1 the load was the limit, not the server.',
];

/** Everything that one run measured. */
export interface Results {
  readonly peers: readonly PeerResult[];
  /** Absent where Parley is not among the peers. */
  readonly growth: Growth | undefined;
}

/** The tables as text: one per number of conversations, then starts and memory, then the long conversation. */
export function toText({ peers, growth }: Results): string {
  const levels = peers[0]?.loads.map(({ conversations }) => conversations) ?? [];
  const sections = [
    ...peers.map(({ name, title }) => `${name}: ${title}`),
    ...levels.map((conversations) => loadTable(peers, conversations)),
    startTable(peers),
    ...(growth ? [growthTable(growth)] : []),
    '',
    ...NOTES,
    ...faultyParts({ peers, growth }).map(({ name, faults }) => `FAULTS of ${name}, not counted above: ${JSON.stringify(faults)}`),
  ];
  return sections.join('\n');
}

/** Whatever was answered wrongly, twice, not at all, or refused. */
export function faultyParts({ peers, growth }: Results): readonly { readonly name: string; readonly faults: Readonly<Record<Fault, number>> }[] {
  const parts = [...peers, ...(growth ? [{ name: 'the long conversation', faults: growth.faults }] : [])];
  return parts.filter(({ faults }) => Object.values(faults).some((count) => count > 0));
}

function loadTable(results: readonly PeerResult[], conversations: number): string {
  const rows = results.flatMap(({ name, loads }) => {
    const load = loads.find((each) => each.conversations === conversations);
    return load ? [{ name, load }] : [];
  });
  const cpuOf = (name: string): number | undefined => rows.find((row) => row.name === name)?.load.cpuMsPerMessage;
  const cells = rows.map(({ name, load }) => [
    name, load.cpuMsPerMessage.toFixed(3), toTimes(load.cpuMsPerMessage, cpuOf('floor')), toTimes(load.cpuMsPerMessage, cpuOf('botbuilder')),
    Math.round(load.messagesPerSecond), load.serverBusy.toFixed(2),
    load.replyP50Ms.toFixed(1), load.replyP99Ms.toFixed(1), load.ackP50Ms.toFixed(1), load.ackP99Ms.toFixed(1),
    load.connectorCallsPerMessage.toFixed(2),
  ]);
  const heads = ['CPU ms/message', 'x floor', 'x botbuilder', 'messages/s', 'busy', 'reply p50', 'p99 ms', 'ack p50', 'p99 ms', 'sends/message'];
  return toTable([`${conversations} conversation${conversations === 1 ? '' : 's'}`, ...heads], cells);
}

function startTable(results: readonly PeerResult[]): string {
  const cells = results.map(({ name, start, rssAfterLoadMB }) =>
    [name, start.wallMs, start.cpuMs, start.idleRssMB, rssAfterLoadMB].map((cell) => (typeof cell === 'number' ? Math.round(cell) : cell)));
  return toTable(['start', 'wall ms', 'CPU ms', 'idle RSS MB', 'RSS MB after load'], cells);
}

/** Every fifth block, and the first and the last, are enough to see a trend. */
function growthTable({ blocks }: Growth): string {
  const shown = blocks.filter((_, index) => index === 0 || (index + 1) % 5 === 0 || index === blocks.length - 1);
  const cells = shown.map(({ turns, cpuMsPerTurn, rssMB, documentBytes }) => [turns, cpuMsPerTurn.toFixed(3), Math.round(rssMB), documentBytes]);
  return toTable(['turn of one conversation', 'CPU ms/turn', 'RSS MB', 'document bytes'], cells);
}

const toTimes = (value: number, base: number | undefined): string => {
  const times = ratio(value, base);
  return Number.isNaN(times) ? '-' : `${times.toFixed(2)}x`;
};

/** Columns under their heads, the first to the left and the numbers to the right. */
export function toTable(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [heads, ...rows].map((row) => row.map(String));
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const toLine = (line: readonly string[]): string =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return ['', ...lines.map(toLine)].join('\n');
}

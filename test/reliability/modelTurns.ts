import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import type { ShownActivity } from '../helpers/channelConversation';
import type { FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import type { TeamsChat } from '../helpers/teamsChat';
import { temporaryFolder } from '../helpers/temporaryFolder';

export interface AnsweredTurn {
  /** All that can be read in what came last: an answer, or why there is none. */
  readonly words: string;
  readonly shown: ShownActivity | undefined;
  /** From the person's message to the last word of the answer. */
  readonly tookMs: number;
}

/** Says something in Teams; resolves when the bot has said all it says to it. Rejects where it says nothing within `limitMs`. */
export async function askIn(parley: Parley, chat: TeamsChat, text: string, limitMs = 60_000): Promise<AnsweredTurn> {
  const startedAt = performance.now();
  const before = answersIn(chat).length;
  await chat.deliver(chat.activity('message', { text, textFormat: 'plain' }));
  await parley.teams.waitFor(() => answersIn(chat).length > before, limitMs);
  const shown = answersIn(chat).at(-1);
  return { words: shown ? wordsOf([shown]) : '', shown, tookMs: performance.now() - startedAt };
}

/** The last part of a stream is a message; the others are typing activities. */
const answersIn = (chat: TeamsChat): readonly ShownActivity[] => chat.shown().filter(({ type }) => type === 'message');

/** The same in a conversation of its own. */
export const ask = (parley: Parley, text: string, locale = 'en-US', limitMs?: number): Promise<AnsweredTurn> => askIn(parley, parley.teamsChat({ locale }), text, limitMs);

/** Parley on two regions of Azure OpenAI, `east` before `west`. Call `close`. */
export async function startOnTwoRegions(east: FakeModelServer, west: FakeModelServer): Promise<Parley> {
  const folder = temporaryFolder();
  const file = join(folder.path, 'deployments.json');
  const target = (server: FakeModelServer, name: string, priority: number): object => ({ name, endpoint: server.url, deployment: name, region: name, credential: { keyFrom: 'REGION_KEY' }, priority });
  writeFileSync(file, JSON.stringify({ chat: [target(east, 'east', 1), target(west, 'west', 2)] }));
  const parley = await startParley({ env: { DEPLOYMENTS_FILE: file, REGION_KEY: 'key-of-a-region' } });
  folder.remove();
  return parley;
}

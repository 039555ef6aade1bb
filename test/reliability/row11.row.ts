import type { startParley } from '../helpers/parley';
import type { Skill, Slot } from '../../dialogs/skill';
import { openDatabase } from '../../state/openDatabase';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { onEveryStore } from '../helpers/stores';
import { score } from './scorecard';

/** The open questions of Parley, and what people would answer. */
const questions = [
  { ask: 'translate', answer: 'The heron stands in the reeds.' },
  { ask: 'translate the heron stands still', answer: 'German' },
  { ask: 'summarize', answer: 'this conversation' },
  { ask: 'ask', answer: 'Where does the heron stand?' },
  { ask: 'forget me', answer: 'yes' },
];

/** Takes whatever is said next: an answer to the old question would end up here. */
const tone: Slot = {
  name: 'tone',
  takesAnyText: true,
  isMissing: (_turn, values) => values.tone === undefined,
  ask: async () => ({ type: 'message', text: 'Which tone?' }),
  read: async ({ text }) => ({ values: { tone: text } }),
};

/** What the next version of Parley may do to its skills. */
const changes: readonly (readonly [string, (skill: Skill) => Skill])[] = [
  ['renamed skill', (skill) => ({ ...skill, id: `${skill.id}Request` })],
  ['renamed slot', (skill) => ({ ...skill, slots: skill.slots.map((slot) => ({ ...slot, name: `${slot.name}Given` })) })],
  ['inserted step', (skill) => (skill.slots.length > 0 ? { ...skill, slots: [tone, ...skill.slots] } : skill)],
  ['removed step', (skill) => ({ ...skill, slots: skill.slots.slice(0, -1) })],
];

let lastId = Date.now();
/** The helper that numbers messages is loaded anew too, and would begin at its first number. */
const numbered = (): { readonly id: string } => ({ id: String(++lastId) });

type Start = typeof startParley;

interface Skills {
  readonly skills: readonly Skill[];
  readonly listedSkills: readonly Skill[];
  readonly answerSkill: Skill;
}

/** Parley with other skills: everything is loaded anew, as a deploy does. */
function versionOf(change: (skill: Skill) => Skill): Start {
  jest.resetModules();
  jest.doMock('../../dialogs/skills', () => {
    const actual = jest.requireActual<Skills>('../../dialogs/skills');
    return { skills: actual.skills.map(change), listedSkills: actual.listedSkills.map(change), answerSkill: change(actual.answerSkill) };
  });
  return jest.requireActual<{ startParley: Start }>('../helpers/parley').startParley;
}

const asks = (skill: Skill): Skill => skill;

/** Runs one version until `work` is done. */
async function during(start: Start, setup: { databaseFile: string; server: FakeModelServer }, work: (parley: Awaited<ReturnType<Start>>) => Promise<void>): Promise<void> {
  const parley = await start({ databaseFile: setup.databaseFile, model: { server: setup.server, as: 'azure' } });
  try {
    await work(parley);
  } finally {
    await parley.close();
  }
}

async function stored<T extends object>(databaseFile: string, sql: string): Promise<T[]> {
  const database = await openDatabase(databaseFile);
  try {
    return await database.query<T>(sql);
  } finally {
    await database.close();
  }
}

onEveryStore('deploys', (store) => {
  test('row 11: a question that was open during a deploy is set aside, and no answer ends up under another question', async () => {
    const server = await startFakeModelServer();
    server.behaveLikeAModel();
    const tally = { states: 0, usable: 0, misbound: 0, kept: 0 };
    try {
      for (const [, change] of changes) {
        const databaseFile = await store.url();
        const ids: string[] = [];
        await during(versionOf(asks), { databaseFile, server }, async (parley) => {
          for (const { ask } of questions) {
            const chat = parley.teamsChat();
            ids.push(chat.id);
            await chat.say(ask, numbered());
          }
        });
        const before = await stored<{ document: string }>(databaseFile, 'SELECT document FROM conversations');
        expect(before.filter(({ document }) => document.includes('"asking"'))).toHaveLength(questions.length);

        const callsBefore = server.calls.length;
        await during(versionOf(change), { databaseFile, server }, async (parley) => {
          for (const [index, { answer }] of questions.entries()) {
            const chat = parley.teamsChat({ id: parley.teams.open({ id: ids[index] ?? '' }) });
            const first = JSON.stringify(await chat.say(answer, numbered()));
            const next = JSON.stringify(await chat.say('about', numbered()));
            tally.states += 1;
            tally.usable += Number(first.includes('Parley was updated') && !next.includes('Parley was updated') && next.includes('Parley'));
            tally.misbound += Number(first.includes('Which tone?'));
          }
        });
        // None of the answers was taken for a text to translate or to summarize, nor for a confirmation.
        const tasks = server.calls.slice(callsBefore).filter(({ body }) => body.response_format !== undefined);
        const open = await stored<{ document: string }>(databaseFile, `SELECT document FROM conversations WHERE document LIKE '%"asking"%'`);
        const mine = await stored<{ text: string }>(databaseFile, `SELECT text FROM messages WHERE role = 'user'`);
        tally.misbound += tasks.length + open.length + (questions.length * 3 - mine.length);
        const kept = await stored<{ reason: string; document: string }>(databaseFile, 'SELECT reason, document FROM quarantine');
        expect(new Set(kept.map(({ reason }) => reason))).toEqual(new Set(['dialog-changed']));
        tally.kept += kept.filter(({ document }) => before.some((row) => row.document === document)).length;
      }
      expect(tally).toEqual({ states: 20, usable: 20, misbound: 0, kept: 20 });
      score(11, { load: `${tally.states} open questions on 4 changed versions, ${store.kind}`, figure: `${tally.usable}/${tally.states} usable, ${tally.misbound} mis-bound, ${tally.kept} kept` });
    } finally {
      await server.close();
    }
  });
});

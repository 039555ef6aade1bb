import { personDocument } from '../bot/personDocument';
import { personOf } from '../bot/person';
import { countLines } from '../cards/myDataCard';
import type { Words } from '../cards/words';
import type { Database } from '../state/database';
import { erasePerson } from '../state/erasePerson';
import { findUserKeys } from '../state/person';
import type { Command, Terminal } from './command';
import { CommandError } from './command';
import { parseOptions } from './options';
import { withStore } from './withStore';

/** `user export USER` writes all that is kept about a person as one JSON document, `user delete USER` deletes it and says what it was. */
export const userCommand: Command = {
  name: 'user',
  usage: 'user export USER | user delete USER [--json]',
  description: (words) => words.cli.commands.user,
  run: runUser,
};

const options = { json: { type: 'boolean', default: false } } as const;

async function runUser(args: readonly string[], terminal: Terminal): Promise<void> {
  const { words } = terminal;
  const { values, positionals: [action, named, ...others] } = parseOptions(args, options, words);
  if ((action !== 'export' && action !== 'delete') || named === undefined || others.length > 0) throw new CommandError(words.cli.userAction, 2);
  await withStore(terminal, async (database) => {
    const userKey = await oneUser(database, named, words);
    if (action === 'export') for await (const piece of personDocument(database, personOf(userKey))) terminal.print(piece);
    else await deleteUser(database, userKey, values.json, terminal);
  });
}

async function oneUser(database: Database, named: string, { cli }: Words): Promise<string> {
  const keys = await findUserKeys(database, named);
  const [key] = keys;
  if (key === undefined) throw new CommandError(cli.userUnknown(named));
  if (keys.length > 1) throw new CommandError(cli.userAmbiguous(named, keys.join(', ')));
  return key;
}

async function deleteUser(database: Database, userKey: string, asJson: boolean, { words, print }: Terminal): Promise<void> {
  const deleted = await database.transaction((queries) => erasePerson(queries, personOf(userKey)));
  await database.scrub();
  const lines = countLines(deleted, words);
  if (asJson) print(`${JSON.stringify({ user: userKey, deleted }, undefined, 2)}\n`);
  else print(lines.length === 0 ? `${words.cli.userNothing}\n` : `${[words.cli.userDeleted(userKey), ...lines.map((line) => `- ${line}`)].join('\n')}\n`);
}

import type { Words } from '../cards/words';
import type { Command, Terminal } from './command';
import { CommandError } from './command';
import { exportDataset } from './finetuneExport';
import { cancelJob, listJobs, showJob } from './finetuneJobs';
import { startJob } from './finetuneStart';
import { validateDataset } from './finetuneValidate';

/** `finetune`: from rated answers to a fine-tuned model, a step an action (docs/finetuning.md). */
export const finetuneCommand: Command = {
  name: 'finetune',
  usage: 'finetune export FILE|validate FILE|start FILE --model MODEL|status JOB|cancel JOB|list [--json]',
  description: (words) => words.cli.commands.finetune,
  optionsHelp: ({ cli: { finetune } }) => finetune.help,
  run: runFinetune,
};

type Action = (args: readonly string[], terminal: Terminal) => Promise<void>;

/** A map: the name comes from outside, and every object has a "constructor". */
const actions = new Map<string, Action>([
  ['export', exportDataset],
  ['validate', validateDataset],
  ['start', startJob],
  ['status', showJob],
  ['cancel', cancelJob],
  ['list', listJobs],
]);

async function runFinetune([name = '', ...args]: readonly string[], terminal: Terminal): Promise<void> {
  const action = actions.get(name);
  if (!action) throw new CommandError(unknownAction(name, terminal.words), 2);
  await action(args, terminal);
}

const unknownAction = (name: string, { cli: { finetune } }: Words): string => finetune.action([...actions.keys()].join(', '), name);

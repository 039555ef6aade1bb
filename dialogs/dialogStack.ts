import type { TurnContext } from 'botbuilder';
import { DialogContext, DialogSet, type DialogState } from 'botbuilder-dialogs';
import { z } from 'zod';
import { SkillDialog, stateOf, type SkillState } from './skillDialog';
import { skills } from './skills';
import type { Turn } from './turn';

/** Where the host keeps the dialogs' part of the conversation document between turns. */
export interface DialogStore {
  /** As `readDialogs` gave it. */
  get(): DialogState | undefined;
  set(state: DialogState): void;
}

/** One dialog for each skill. Nothing in it belongs to a turn, so it is built once. */
const dialogs = skills.reduce((set, skill) => set.add(new SkillDialog(skill)), new DialogSet());

/** An interruption within an interruption is as deep as it goes; more is not a stack of ours. */
const MAX_DEPTH = 4;

const stackShape = z.object({ dialogStack: z.array(z.object({ id: z.string(), state: z.unknown(), version: z.string() })).max(MAX_DEPTH) });

/**
 * The dialogs that were stored; undefined where one of them is not as it was when it asked its question: renamed,
 * removed, with other slots or values, or damaged. An answer to it could end up under another question.
 */
export function readDialogs(stored: unknown): DialogState | undefined {
  const { data } = stackShape.safeParse(stored);
  const fits = data?.dialogStack.every((instance) => {
    const dialog = dialogs.find(instance.id);
    return dialog instanceof SkillDialog && dialog.fits(instance);
  });
  return fits ? data : undefined;
}

/** The dialogs that wait in this conversation. Read when first needed, and written back only if it was. */
export class DialogStack {
  private context: DialogContext | undefined;
  private readonly stored: DialogState;

  constructor(private readonly turn: Turn, private readonly store: DialogStore) {
    this.stored = store.get() ?? { dialogStack: [] };
  }

  get isEmpty(): boolean {
    return this.stored.dialogStack.length === 0;
  }

  /** The dialog that waits for an answer, and its state. */
  get waiting(): { readonly dialog: SkillDialog; readonly state: SkillState } | undefined {
    const instance = this.stored.dialogStack.at(-1);
    const dialog = instance && dialogs.find(instance.id);
    return dialog instanceof SkillDialog ? { dialog, state: stateOf(instance) } : undefined;
  }

  get dialogs(): DialogContext {
    this.context ??= createDialogContext(this.turn.context, this.stored);
    return this.context;
  }

  /** Hands the stack to the store, where it changed. */
  save(): void {
    if (this.context) this.store.set({ dialogStack: this.stored.dialogStack });
  }
}

type MemoryConfiguration = DialogContext['state']['configuration'];

/** The name by which botbuilder-dialogs 4.23.3 finds it in a turn, and without which it builds a new one. */
const MEMORY_CONFIGURATION = 'DialogStateManagerConfiguration';
let memoryConfiguration: MemoryConfiguration | undefined;

/** Memory scopes hold nothing of a turn: those that the first one built serve all. */
function createDialogContext(context: TurnContext, stored: DialogState): DialogContext {
  if (memoryConfiguration) context.turnState.set(MEMORY_CONFIGURATION, memoryConfiguration);
  const dialogContext = new DialogContext(dialogs, context, stored);
  memoryConfiguration = dialogContext.state.configuration;
  return dialogContext;
}

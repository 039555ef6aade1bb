import type { TurnContext } from 'botbuilder';
import { Dialog, type DialogContext, type DialogInstance, type DialogReason, type DialogTurnResult } from 'botbuilder-dialogs';
import { z } from 'zod';
import type { Words } from '../cards/words';
import { withChoices } from './activities';
import { keepLongText } from './passage';
import { respond } from './response';
import { runSkill } from './runSkill';
import { fingerprintOf, missingSlot, type Skill, type Slot, type Values } from './skill';
import { turnOf, type Turn } from './turn';

/** Answers that did not fit before cancelling is offered: a third question alone would only annoy. */
const MISSES_BEFORE_WAY_OUT = 2;

/** What is stored of a dialog: by name, never by position, so that no deploy binds an answer to another question. */
const skillStateSchema = z.object({
  values: z.record(z.string(), z.unknown()),
  asking: z.string().optional(),
  misses: z.number().optional(),
});

export type SkillState = z.infer<typeof skillStateSchema>;

/** Asks for what a skill lacks, one question a turn, and runs it once it has everything. Begins with the known values. */
export class SkillDialog extends Dialog<Values> {
  private readonly fingerprint: string;

  constructor(private readonly skill: Skill) {
    super(skill.id);
    this.fingerprint = fingerprintOf(skill);
  }

  override getVersion(): string {
    return this.fingerprint;
  }

  /** True for a stored question of the very skill that this one is, with values that the skill can use. */
  fits({ state, version }: DialogInstance): boolean {
    const { data } = skillStateSchema.safeParse(state);
    if (!data || version !== this.fingerprint) return false;
    const isAsking = data.asking === undefined || this.skill.slots.some(({ name }) => name === data.asking);
    return isAsking && this.skill.schema.safeParse(data.values).success;
  }

  /** What the person reads when it is named. */
  titleIn(words: Words): string {
    return this.skill.help?.(words).title ?? this.skill.id;
  }

  override async beginDialog(dialogs: DialogContext, known: Values = {}): Promise<DialogTurnResult> {
    const turn = turnOf(dialogs.context);
    const slot = missingSlot(this.skill, turn, known);
    if (slot?.takesFiles && turn.files.length > 0) return this.takeAnswer(dialogs, slot, { values: known });
    return this.advance(dialogs, known);
  }

  override async continueDialog(dialogs: DialogContext): Promise<DialogTurnResult> {
    const state = stateOf(dialogs.activeDialog);
    const slot = this.openSlot(turnOf(dialogs.context), state);
    return slot ? this.takeAnswer(dialogs, slot, state) : this.advance(dialogs, state.values);
  }

  /** After something else came in between: the question is still open, and asked again unless another skill (`result`) goes on. */
  override async resumeDialog(dialogs: DialogContext, _reason: DialogReason, result?: unknown): Promise<DialogTurnResult> {
    if (result === undefined) await dialogs.repromptDialog();
    return { ...Dialog.EndOfTurn, result };
  }

  override async repromptDialog(context: TurnContext, instance: DialogInstance): Promise<void> {
    const turn = turnOf(context);
    const state = stateOf(instance);
    const slot = this.openSlot(turn, state);
    if (slot) await respond(turn, await slot.ask(turn, state.values));
  }

  /** The question that was asked last, if it still exists; else the first that is open. */
  openSlot(turn: Turn, state: SkillState): Slot | undefined {
    return this.skill.slots.find(({ name }) => name === state.asking) ?? missingSlot(this.skill, turn, state.values);
  }

  private async takeAnswer(dialogs: DialogContext, slot: Slot, state: SkillState): Promise<DialogTurnResult> {
    const turn = turnOf(dialogs.context);
    const reading = await slot.read(turn, state.values);
    if ('values' in reading) return this.advance(dialogs, { ...state.values, ...reading.values });
    const misses = (state.misses ?? 0) + 1;
    this.store(dialogs, { values: await keepLongText(turn, state.values), asking: slot.name, misses });
    await this.askAgain(turn, slot, state.values, reading.again, misses);
    return Dialog.EndOfTurn;
  }

  private async advance(dialogs: DialogContext, known: Values): Promise<DialogTurnResult> {
    const turn = turnOf(dialogs.context);
    const values = await keepLongText(turn, known);
    const slot = missingSlot(this.skill, turn, values);
    if (!slot) {
      const next = await runSkill(turn, this.skill, values);
      return dialogs.endDialog(next);
    }
    this.store(dialogs, { values, asking: slot.name });
    await respond(turn, await slot.ask(turn, values));
    return Dialog.EndOfTurn;
  }

  private store({ activeDialog }: DialogContext, state: SkillState): void {
    if (!activeDialog) return;
    activeDialog.state = state;
    activeDialog.version = this.fingerprint;
  }

  private async askAgain(turn: Turn, slot: Slot, values: Values, reason: string, misses: number): Promise<void> {
    const question = await slot.ask(turn, values);
    if (misses < MISSES_BEFORE_WAY_OUT) return respond(turn, { ...question, text: reason });
    const { wayOut, cancel } = turn.words.dialog;
    return respond(turn, { ...question, ...withChoices(`${reason} ${wayOut}`, [cancel]) });
  }
}

export const stateOf = (instance: DialogInstance | undefined): SkillState => skillStateSchema.parse(instance?.state);

import type { Activity } from 'botbuilder';
import { isPersonal } from './channels';
import { mentionsBot } from './mentions';
import { submitOf } from './turns/turn';

/** In a group the bot hears every message where it has consent to read; it answers only what is meant for it. */
export function isAddressed(activity: Activity): boolean {
  return isPersonal(activity) || submitOf(activity) !== undefined || mentionsBot(activity);
}

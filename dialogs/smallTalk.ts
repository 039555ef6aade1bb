import type { Words } from '../cards/words';
import { plain } from './commands';

/** What people say that asks for nothing: a model answers it as it likes, without one each has its sentence. */
const kinds: readonly (readonly [keyof Words['smallTalk'], RegExp])[] = [
  ['howAreYou', /^(?:how are you(?: doing)?|how s it going|what s up|wie geht(?: s| es)?(?: dir| ihnen)?|alles klar|(?:comment )?ca va|comment (?:vas tu|allez vous)|que tal|como estas?)$/],
  ['hello', /^(?:hi|hey|hello|yo|are you (?:there|here)|good (?:morning|afternoon|evening|day)|guten (?:morgen|tag|abend)|hallo|moin|servus|gruss gott|bonjour|bonsoir|salut|coucou|hola|buenos dias|buenas(?: tardes| noches)?)$/],
  ['thanks', /^(?:(?:many |great |perfect |super |ok |okay |ja |oui |si |yes )*(?:thanks?(?: you)?|thx|cheers)|(?:super |perfekt |ok |ja )*(?:danke(?:schon)?|vielen dank)|(?:super |parfait |ok )*merci|(?:genial |perfecto |ok )*(?:muchas |mil )?gracias)(?: (?:so much|very much|a lot|again|schon|sehr|dir|ihnen|beaucoup|bien|a (?:toi|vous|ti|usted)|(?:for|fur|pour|por) .{1,40}))*$/],
  ['bye', /^(?:bye(?: bye)?|goodbye|see you(?: later| soon)?|good night|tschuss|auf wiedersehen|bis (?:bald|spater|dann)|gute nacht|au revoir|a bientot|bonne (?:nuit|soiree|journee)|adios|hasta luego|hasta pronto|chao|ciao)$/],
  ['fine', /^(?:ok(?:ay)?|k|yes|yep|fine|great|good|cool|nice|perfect|super|awesome|well done|good job|got it|i see|alright|all right|no thanks?(?: you)?|gut|prima|toll|perfekt|alles klar|verstanden|ja|nein danke|d accord|parfait|tres bien|oui|non merci|vale|bien|perfecto|genial|muy bien|si|no gracias)$/],
];

/** The sentence that answers small talk, in the reader's language; undefined where the message is something else. */
export function smallTalkAnswer(text: string, words: Words): string | undefined {
  const said = /\p{Extended_Pictographic}/u.test(text) ? bare(text) || 'ok' : bare(text); // a thumb alone
  const kind = kinds.find(([, pattern]) => pattern.test(said))?.[0];
  return kind && words.smallTalk[kind];
}

/** Without signs and emoji, and without the bot's name or "there" at the end. */
function bare(text: string): string {
  const words = plain(text).replace(/[^\p{L}\p{N}]+/gu, ' ').trim().replaceAll('ß', 'ss');
  return words.replace(/ (?:parley|there|everyone|all|zusammen|a tous|a todos)$/, '');
}

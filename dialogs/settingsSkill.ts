import { z } from 'zod';
import { cleanLine, escapeMarkdown } from '../cards/escape';
import { notChosen, settingsCard, settingsText } from '../cards/settingsCard';
import { spokenLanguages, wordsFor } from '../cards/words';
import { cardMessage, textMessage } from './activities';
import { languageCode, languageInSentence, languageName, translationLanguages } from './languages';
import { respond } from './response';
import type { Skill, SkillCall } from './skill';
import type { Turn, UserSettings } from './turn';

const schema = z.object({
  /** The form or request sets something; else the form is shown. */
  save: z.boolean().optional(),
  language: z.string().max(60).optional(),
  translateTo: z.string().max(60).optional(),
  summaryLength: z.enum(['short', 'standard', 'detailed']).optional(),
  improvement: z.enum(['yes', 'no']).optional(),
});

type SettingsValues = z.infer<typeof schema>;

export const settingsSkill: Skill<SettingsValues> = {
  id: 'settings',
  help: ({ skills }) => skills.settings,
  commands: ['settings', 'preferences', 'options', 'einstellungen', 'réglages', 'paramètres', 'préférences', 'ajustes', 'configuración', 'preferencias'],
  schema,
  parse: readSettingsRequest,
  slots: [],
  run: async (turn, values): Promise<SkillCall | undefined> => {
    await (values.save ? save(turn, values) : show(turn, turn.settings));
    return undefined;
  },
};

const request = /^(?:settings|preferences|einstellungen|réglages|paramètres|préférences|ajustes|configuración)[\s:,]+(?<change>\S.*)$/isu;
const lengths: readonly (readonly [RegExp, NonNullable<SettingsValues['summaryLength']>])[] = [
  [/\b(?:short|kurz\w*|court\w*|cort[oa]s?|brief)\b/iu, 'short'],
  [/\b(?:standard|normal\w*|estándar)/iu, 'standard'],
  [/\b(?:detailed|long(?:ue)?s?|lange?|ausführlich\w*|détaillé\w*|detallad\w*|larg[oa]s?)/iu, 'detailed'],
];

/** The same in a sentence of its own; what follows has to be a language that Parley speaks. */
const languageRequest = /^(?:(?:please|can you|could you|bitte|kannst du)\s+)*(?:(?:speak|talk|answer|reply|write)(?:\s+to me)?(?:\s+in)?|(?:change|set|switch)(?:\s+(?:the|my))?(?:\s+language)?\s+to|(?:sprich|antworte|schreib)e?(?:\s+mir)?(?:\s+auf)?|(?:parle|réponds|écris)(?:-moi)?(?:\s+en)?|(?:habla|responde|contesta|escribe)(?:\s+en)?)\s+(?<name>\p{L}+)(?:\s+(?:please|bitte))?[.!]?$/iu;

/** "settings language German", "settings translate to French", "settings short summaries". */
function readSettingsRequest(text: string): SettingsValues | undefined {
  const change = text.length < 200 ? request.exec(text)?.groups?.change : undefined;
  if (!change) return readLanguageRequest(text);
  const improvement = improvementIn(change);
  if (improvement) return { save: true, improvement };
  const target = /^(?:translate|übersetz\w*|tradui\w*|traduc\w*)\s+(?:into|to|auf|ins|in|en|au|al?)?\s*(?<name>.+)$/iu.exec(change)?.groups?.name;
  if (target) return { save: true, translateTo: target };
  const language = /^(?:(?:my\s+)?language|(?:meine\s+)?sprache|(?:ma\s+)?langue|(?:mi\s+)?idioma)[\s:]+(?<name>.+)$/iu.exec(change)?.groups?.name;
  const summaryLength = language ? undefined : lengths.find(([pattern]) => pattern.test(change))?.[1];
  return { save: true, ...(language && { language }), ...(summaryLength && { summaryLength }) };
}

/** "settings improvement yes" */
function improvementIn(change: string): SettingsValues['improvement'] {
  const answer = /^(?:improve\w*|verbesser\w*|amélior\w*|mejora\w*)(?:\s+parley)?[\s:]+(?<answer>yes|no|ja|nein|oui|non|s[ií])[.!]?$/iu.exec(change)?.groups?.answer;
  if (answer === undefined) return undefined;
  return /^n/i.test(answer) ? 'no' : 'yes';
}

function readLanguageRequest(text: string): SettingsValues | undefined {
  const name = text.length < 100 ? languageRequest.exec(text)?.groups?.name : undefined;
  const language = name === undefined ? undefined : languageInSentence(name, 'en');
  return language && spokenLanguages.includes(language) ? { save: true, language } : undefined;
}

async function save(turn: Turn, values: SettingsValues): Promise<void> {
  const change = checkedChange(turn, values);
  if (typeof change === 'string') return respond(turn, textMessage(change));
  const settings: UserSettings = { ...turn.settings, ...change };
  await turn.saveSettings(settings);
  // A form that was sent in place is replaced by itself, as it is set now.
  if (turn.context.activity.type === 'invoke') return show(turn, settings, { isSaved: true });
  return respond(turn, textMessage(savedText(turn, settings)));
}

/** The settings to change, or a sentence why not. */
function checkedChange(turn: Turn, { language, translateTo, summaryLength, improvement }: SettingsValues): UserSettings | string {
  const { words, locale } = turn;
  if (!language && !translateTo && !summaryLength && !improvement) return words.settings.unknown;
  const spoken = language && language !== notChosen ? languageCode(language, locale)?.split('-', 1)[0] : undefined;
  if (language && language !== notChosen && !(spoken && spokenLanguages.includes(spoken))) {
    return words.settings.notSpoken(escapeMarkdown(cleanLine(language, 60)), spokenLanguages.map((code) => languageName(code, locale)).join(', '));
  }
  const target = translateTo && translateTo !== notChosen ? languageCode(translateTo, locale) : undefined;
  if (translateTo && translateTo !== notChosen && !target) return words.translate.unknownLanguage(escapeMarkdown(cleanLine(translateTo, 60)));
  return { ...(language && { language: spoken }), ...(translateTo && { translateTo: target }), ...(summaryLength && { summaryLength }), ...(improvement && { improvement }) };
}

/** What is set now, in the language that is set now. */
function savedText(turn: Turn, settings: UserSettings): string {
  const locale = localeWith(turn, settings);
  const { settings: sentences, settingsCard: labels } = wordsFor(locale);
  const lines = [
    labels.current(labels.language, settings.language ? languageName(settings.language, locale) : labels.automatic),
    labels.current(labels.translateTo, settings.translateTo ? languageName(settings.translateTo, locale) : labels.ask),
    labels.current(labels.summaryLength, labels[settings.summaryLength ?? 'standard']),
    labels.current(labels.improvement, labels.improve[settings.improvement === 'yes' ? 'yes' : 'no']),
  ];
  return sentences.saved(`${lines.join('. ')}.`);
}

/** The language of the bot's words once these settings hold. */
const localeWith = (turn: Turn, settings: UserSettings): string => settings.language ?? turn.context.activity.locale ?? 'en';

function show(turn: Turn, settings: UserSettings, { isSaved = false } = {}): Promise<void> {
  const { replacesCards } = turn;
  const locale = localeWith(turn, settings);
  const words = wordsFor(locale);
  const named = (codes: readonly string[]): { id: string; name: string }[] => codes.map((id) => ({ id, name: languageName(id, locale) }));
  const props = { words, locale, settings, languages: named(spokenLanguages), targetLanguages: named(translationLanguages(settings.translateTo)), inPlace: replacesCards, isSaved };
  return respond(turn, cardMessage(settingsCard(props), settingsText(props)));
}

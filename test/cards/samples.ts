import { aboutCard, aboutText } from '../../cards/aboutCard';
import type { AdaptiveCard } from '../../cards/adaptiveCard';
import { answerCard, answerText } from '../../cards/answerCard';
import { askCard, askText } from '../../cards/askCard';
import { errorCard, errorText } from '../../cards/errorCard';
import { forgetCard, forgetText } from '../../cards/forgetCard';
import { meetingOfferCard, meetingOfferText } from '../../cards/meetingOfferCard';
import { myDataCard, myDataText } from '../../cards/myDataCard';
import { helpCard, helpText, type HelpProps } from '../../cards/helpCard';
import { imageCard, imageText } from '../../cards/imageCard';
import { settingsCard, settingsText } from '../../cards/settingsCard';
import { speechCard, speechText } from '../../cards/speechCard';
import { summaryCard, type SummaryMessage, type SummaryProps } from '../../cards/summaryCard';
import { summaryText } from '../../cards/summaryText';
import { translationCard, translationText } from '../../cards/translationCard';
import { wordsFor } from '../../cards/words';
import { pngOf } from '../helpers/sampleMedia';
import { sentimentSamples } from './sentimentSamples';
import { feedbackSamples } from './feedbackSamples';
import { whySamples } from './whySamples';

export interface Sample {
  readonly card: AdaptiveCard;
  readonly text: string;
}

const words = wordsFor('en');

/** Every card with what people would really see. The meeting is AMI ES2016c (CC BY 4.0). */
export function samples(): Readonly<Record<string, Sample>> {
  return { ...fixedSamples(), ...helpSamples(), ...summarySamples(), ...answerSamples(), ...translationSamples(), ...mediaSamples(), ...sentimentSamples(), ...whySamples(), ...feedbackSamples() };
}

function helpSamples(): Record<string, Sample> {
  const help: HelpProps = {
    words, locale: 'en', greeting: true,
    prompts: [
      { title: 'Summarize the sample meeting', text: 'Summarize the sample meeting' },
      { title: 'What was decided about the remote control?', text: 'What was decided about the remote control?' },
      { title: 'Translate “See you on Monday” to French', text: 'Translate “See you on Monday” to French' },
    ],
    skills: [
      { title: 'Summarize', description: 'A meeting, a chat or a file: key points, decisions, action items, each with its source', action: 'summarize' },
      { title: 'Translate', description: 'Text into your language; formatting and names are kept', action: 'translate' },
      { title: 'Settings', description: 'Your language, and how long summaries are', action: 'settings' },
    ],
  };
  return {
    welcome: { card: helpCard(help), text: helpText(help) },
    help: { card: helpCard({ ...help, greeting: false, modelName: 'gpt-5-mini' }), text: helpText({ ...help, greeting: false, modelName: 'gpt-5-mini' }) },
  };
}

export const meeting: ReadonlyMap<string, SummaryMessage> = new Map(([
  ['t7', 'Project Manager', '2026-03-02T09:00:08Z'],
  ['t137', 'Project Manager', '2026-03-02T09:23:55Z'],
  ['t223', 'Marketing', '2026-03-02T09:27:53Z'],
  ['t255', 'Project Manager', '2026-03-02T09:30:47Z'],
  ['t270', 'Project Manager', '2026-03-02T09:31:44Z'],
  ['t89', 'Industrial Designer', '2026-03-02T09:17:47Z'],
] as const).map(([id, name, createdAt]) => [id, { author: { name }, createdAt, url: `http://localhost:3978/threads/ami-ES2016c#${id}` }]));

export const quotedSummary: SummaryProps = {
  words, locale: 'en', timeZone: 'Europe/London', title: 'Remote control project: conceptual design', threadId: 'ami-ES2016c', messages: meeting,
  summary: {
    origin: 'quotes', language: 'en', total: 231, read: 214,
    keyPoints: [
      { text: 'We just refreshed our goal of making the finest remote control available.', messageId: 't7' },
      { text: 'Is that an option, a plastic shell with a rubbery coating on at certain spots?', messageId: 't137' },
      { text: 'Solar cell is interesting. May fail though, every here and there.', messageId: 't89' },
    ],
    decisions: [{ text: 'Okay. So we would, we would have the L_C_D_ screen?', messageId: 't255' }],
    actionItems: [
      { text: 'Ryan you’ll be working on the user interface design.', messageId: 't270', owner: 'Ryan' },
      { text: 'Manuel you’ll be working on the look-and-feel design.', messageId: 't270', owner: 'Manuel', due: '2026-03-06' },
    ],
    openQuestions: [{ text: 'So is the two piece idea out? Or have we not decided?', messageId: 't223' }],
    omissions: [{ reason: 'empty', count: 5 }, { reason: 'filtered', count: 12 }],
  },
};

export const writtenSummary: SummaryProps = {
  ...quotedSummary,
  summary: {
    ...quotedSummary.summary, origin: 'ai', read: 231, omissions: [],
    overview: 'The team fixed the concept of the remote control: a rubber-coated plastic shell with an LCD screen and a scroll wheel. The next meeting, in thirty minutes, looks at a prototype.',
    keyPoints: [
      { text: 'The goal stays: the finest remote control on the market, simple for every age.', messageId: 't7' },
      { text: 'A solar cell is attractive, but it can fail now and then.', messageId: 't89' },
    ],
    decisions: [{ text: 'The remote gets an LCD screen with an iPod-like scroll wheel.', messageId: 't255' }, { text: 'Plastic shell with a rubbery coating at certain spots.', messageId: 't137' }],
    actionItems: [{ text: 'Design the user interface', messageId: 't270', owner: 'Ryan' }, { text: 'Design the look and feel', messageId: 't270', owner: 'Manuel', due: '2026-03-06' }],
    openQuestions: [{ text: 'Is the two-piece idea out?', messageId: 't223' }],
  },
};

function summarySamples(): Record<string, Sample> {
  return {
    summaryQuotes: { card: summaryCard(quotedSummary), text: summaryText(quotedSummary) },
    summaryAi: { card: summaryCard(writtenSummary), text: summaryText(writtenSummary) },
  };
}

function answerSamples(): Record<string, Sample> {
  const source = { title: 'Remote control project: conceptual design', author: 'Project Manager', when: 'Mar 2, 2026, 9:23 AM', url: 'http://localhost:3978/threads/ami-ES2016c#t137' };
  const quotes = {
    words, locale: 'en', origin: 'quotes', question: 'What was said about rubber?', followUps: ['What did Marketing say about rubber?', 'Was anything decided about the shell?'],
    sources: [
      { ...source, quote: 'Is that an option, a plastic shell with a rubbery coating on at certain spots?' },
      { ...source, author: 'Industrial Designer', when: 'Mar 2, 2026, 9:22 AM', quote: 'The rubbery we can shape however we want, but then it cannot be double-curved.' },
    ],
  } as const;
  const ai = { ...quotes, origin: 'ai', question: undefined, text: 'A plastic shell with a rubbery coating at certain spots was proposed [1]. Rubber can be shaped freely, but not double-curved [2].' } as const;
  return { answerQuotes: { card: answerCard(quotes), text: answerText(quotes) }, answerAi: { card: answerCard(ai), text: answerText(ai) } };
}

function translationSamples(): Record<string, Sample> {
  const again = [{ title: 'To German', action: 'translate', values: { to: 'de' } }, { title: 'To Spanish', action: 'translate', values: { to: 'es' } }];
  const french = { words, locale: 'en', translation: { from: 'en', to: 'fr', text: 'Bonjour à tous,\n\nla réunion de conception est déplacée à lundi, 14 h 30, salle B 204. Merci d’apporter vos prototypes.\n\nÀ lundi !' }, actions: again };
  const arabic = { ...french, translation: { from: 'en', to: 'ar', text: 'مرحبا بالجميع،\nتم نقل اجتماع التصميم إلى يوم الاثنين الساعة 14:30 في القاعة B 204.' } };
  return {
    translation: { card: translationCard(french), text: translationText(french) },
    translationRightToLeft: { card: translationCard(arabic), text: translationText(arabic) },
  };
}

function mediaSamples(): Record<string, Sample> {
  const url = `http://localhost:3978/media/${'a'.repeat(32)}`;
  const image = {
    words, locale: 'en', prompt: 'a hill below an evening sky', shown: `data:image/png;base64,${pngOf(384, 256).toString('base64')}`, url, until: 'Mon, Nov 30, 2026',
    revisedPrompt: 'A green hill below a wide evening sky, in soft colours',
    actions: ['Another one', 'In more detail', 'Square', 'Tall'].map((title) => ({ title, action: 'image', values: { text: 'a hill below an evening sky' } })),
  };
  const speech = { words, locale: 'en', url, until: 'Mon, Nov 30, 2026', leavesOutCode: true, isReachable: true, cut: { read: '3,968', of: '9,300' } };
  return {
    image: { card: imageCard(image), text: imageText(image) },
    imageTooLarge: { card: imageCard({ ...image, shown: undefined }), text: imageText(image) },
    speech: { card: speechCard(speech), text: speechText(speech) },
    speechOutOfReach: { card: speechCard({ ...speech, isReachable: false }), text: speechText({ ...speech, isReachable: false }) },
  };
}

function fixedSamples(): Record<string, Sample> {
  const settings = { words, locale: 'en', settings: { language: 'en', summaryLength: 'short' }, languages: [{ id: 'en', name: 'English' }, { id: 'de', name: 'Deutsch' }, { id: 'fr', name: 'Français' }], inPlace: false } as const;
  const limited = {
    words, locale: 'en', version: '0.1.0', modelName: 'gpt-5-mini', moreUrl: 'http://localhost:3978/transparency',
    allowances: [{ tokens: { left: 123_456, of: 200_000 }, requests: { left: 31, of: 50 }, renewedInMs: 5 * 60 * 60_000 }, { capability: 'images', requests: { left: 0, of: 20 }, renewedInMs: 5 * 60 * 60_000 }],
  } as const;
  const error = { words, locale: 'en', message: 'The AI service did not answer within 60 seconds.', nextStep: 'Nothing was lost. Try again in a minute.', retry: { action: 'summarize', values: { threadId: 'ami-ES2016c' } } };
  const myData = { words, locale: 'en', counts: { settings: 1, messages: 1234, files: 2, webChat: 90 }, url: `http://localhost:3978/my-data?token=${'a'.repeat(200)}` };
  const ask = { words, locale: 'en', question: 'Into which language?', choices: ['Deutsch', 'Español', 'Français', 'Italiano'].map((title) => ({ title, action: 'translate', values: { to: title } })) };
  return {
    settings: { card: settingsCard(settings), text: settingsText(settings) },
    settingsInPlace: { card: settingsCard({ ...settings, inPlace: true }), text: settingsText(settings) },
    error: { card: errorCard(error), text: errorText(error) },
    about: { card: aboutCard({ words, locale: 'en', version: '0.1.0' }), text: aboutText({ words, version: '0.1.0' }) },
    aboutModel: { card: aboutCard({ words, locale: 'en', version: '0.1.0', modelName: 'gpt-5-mini' }), text: aboutText({ words, version: '0.1.0', modelName: 'gpt-5-mini' }) },
    aboutBudget: { card: aboutCard(limited), text: aboutText(limited) },
    forget: { card: forgetCard({ words, locale: 'en' }), text: forgetText({ words }) },
    myData: { card: myDataCard(myData), text: myDataText(myData) },
    meetingOffer: { card: meetingOfferCard({ words, locale: 'en' }), text: meetingOfferText({ words }) },
    ask: { card: askCard(ask), text: askText(ask) },
  };
}

import type { ServerAnswer } from './httpServer';

/** An activity as it came over the wire: nothing about it is known. */
export type WireActivity = Readonly<Record<string, unknown>>;

/** An answer in the shape of Teams' connector: `{error: {code, message}}`. */
export const refuse = (status: number, code: string, message: string): Exclude<ServerAnswer, string> => ({ status, body: { error: { code, message } } });

const MAX_BYTES = 100 * 1024; // whole payload in UTF-16 (Learn, "Format your bot messages")
const MAX_CITATIONS = 20;

/** What Teams' connector refuses in any activity, whatever the state of the conversation. */
export function refuseActivity(text: string, activity: WireActivity, conversationId: string): ServerAnswer | undefined {
  if (2 * text.length > MAX_BYTES) return tooLarge(activity);
  const problem = [typeProblem(activity), addressProblem(activity, conversationId), ...rootMessageProblems(activity), ...attachmentProblems(activity)].find(Boolean);
  return problem === undefined ? undefined : refuse(400, 'BadRequest', problem);
}

const tooLarge = ({ entities }: WireActivity): ServerAnswer => {
  const isPartOfStream = listOf(entities).some(({ type }) => type === 'streaminfo');
  return isPartOfStream ? refuse(403, 'ContentStreamNotAllowed', 'Message size too large') : refuse(413, 'MessageSizeTooBig', 'Message size too large.');
};

export const isRecord = (value: unknown): value is WireActivity => typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly WireActivity[] => (Array.isArray(value) ? value.filter(isRecord) : []);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function typeProblem(activity: WireActivity): string | undefined {
  const { type } = activity;
  return typeof type === 'string' && type !== '' ? undefined : "The 'Activity' should have a 'type'";
}

function addressProblem({ conversation, entities, attachments }: WireActivity, conversationId: string): string | undefined {
  if (isRecord(conversation) && conversation.id !== conversationId) return 'The conversation of the activity is not the one of the address';
  if (entities !== undefined && !Array.isArray(entities)) return "'entities' should be an array";
  if (listOf(entities).some((entity) => typeof entity.type !== 'string')) return "An entity should have a 'type'";
  return attachments !== undefined && !Array.isArray(attachments) ? "'attachments' should be an array" : undefined;
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content */
function rootMessageProblems({ entities, text }: WireActivity): (string | undefined)[] {
  const roots = listOf(entities).filter((entity) => entity.type === 'https://schema.org/Message');
  if (roots.length > 1) return ['Multiple root message entities'];
  const [root] = roots;
  if (!root) return [];
  const citations = listOf(root.citation);
  return [
    root['@type'] === 'Message' && root['@context'] === 'https://schema.org' ? undefined : 'The root message entity is not of schema.org',
    citations.length > MAX_CITATIONS ? 'Too many citations' : undefined,
    ...citations.map((citation) => citationProblem(citation, textOf(text))),
    ...citations.map((citation) => usageProblem(citation, root)),
  ];
}

function citationProblem({ position, appearance }: WireActivity, text: string): string | undefined {
  if (!isRecord(appearance) || !hasText(appearance.name, 80)) return 'A citation needs an appearance with a name of at most 80 characters';
  if (!Number.isInteger(position) || !text.includes(`[${String(position)}]`)) return `The text does not cite position ${String(position)}`;
  if (appearance.abstract !== undefined && !hasText(appearance.abstract, 160)) return 'The abstract of a citation has at most 160 characters';
  const { keywords } = appearance;
  if (keywords === undefined) return undefined;
  const isFine = Array.isArray(keywords) && keywords.length <= 3 && keywords.every((keyword) => hasText(keyword, 28));
  return isFine ? undefined : 'A citation has at most 3 keywords of 28 characters';
}

const hasText = (value: unknown, maxLength: number): boolean => typeof value === 'string' && value !== '' && value.length <= maxLength;

function usageProblem({ appearance }: WireActivity, root: WireActivity): string | undefined {
  const usage = isRecord(appearance) ? appearance.usageInfo : undefined;
  if (!isRecord(usage)) return undefined;
  const ofMessage = isRecord(root.usageInfo) ? root.usageInfo : {};
  return usage['@id'] !== undefined && usage['@id'] === ofMessage['@id'] ? undefined : 'The usageInfo of a citation is not one of the message';
}

function attachmentProblems({ attachments }: WireActivity): (string | undefined)[] {
  return listOf(attachments).map(({ contentType, content }) => {
    if (typeof contentType !== 'string') return 'An attachment should have a contentType';
    if (contentType !== 'application/vnd.microsoft.card.adaptive') return undefined;
    const isCard = isRecord(content) && content.type === 'AdaptiveCard' && typeof content.version === 'string' && Array.isArray(content.body);
    return isCard ? undefined : 'The content of an adaptive card attachment is not an AdaptiveCard';
  });
}

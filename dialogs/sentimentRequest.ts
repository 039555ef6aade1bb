import type { SentimentValues } from './sentimentSkill';
import { readSource } from './summaryRequest';

/** How people ask for the tone of something; `rest` says of what. */
const requests: readonly RegExp[] = [
  /^(?:please\s+|can you\s+|could you\s+)*(?:(?:tell|show|give|check|analy[sz]e|assess|read)(?: me)? |what(?:’s|'s| is| was) )?(?:the )?(?:overall )?(?:tone|mood|sentiment)(?: analysis)?(?: (?:of|in|for|on))?(?![\p{L}-])(?<rest>.*)$/isu,
  /^how (?:is|was) the (?:tone|mood|sentiment) (?:of|in) (?<rest>.*)$/isu,
  /^(?:sentiment|tone|mood)\s*:(?<rest>.*)$/isu,
  /^(?:bitte\s+|kannst du\s+|können sie\s+)*(?:(?:wie|was) ist |bestimme |analysiere |zeige? (?:mir )?|sag(?:e|en sie)? (?:mir )?)?(?:die |der |den )?(?:stimmung|tonfall|ton|tonlage)(?:sanalyse)?(?: (?:in|im|von|vom|des|der|dieses|dieser))?(?!\p{L})(?<rest>.*)$/isu,
  /^(?:peux-tu\s+|pouvez-vous\s+)?(?:quel(?:le)? est |analyse[rz]? |dis(?:-moi)? |donne(?:-moi)? )?(?:le |la |l[’'])?(?:ton|tonalité|humeur|ambiance|sentiment)(?: (?:de|du|des|dans))?(?!\p{L})(?<rest>.*)$/isu,
  /^(?:por favor,?\s+|puedes\s+|podrías\s+)?(?:¿?cuál es |analiza |dime |muéstrame )?(?:el |la )?(?:tono|sentimiento|ánimo|ambiente)(?: (?:de[l]?|en))?(?!\p{L})(?<rest>.*)$/isu,
];

const MAX_REQUEST_LENGTH = 200;

/** A request for the tone of a text that says of what, or leaves it open; undefined where the message is none, such as "the tone of Mozart". */
export function readSentimentRequest(text: string): SentimentValues | undefined {
  for (const request of requests) {
    const rest = request.exec(text.slice(0, MAX_REQUEST_LENGTH))?.groups?.rest;
    if (rest === undefined) continue;
    const source = readSource(`${rest}${text.slice(MAX_REQUEST_LENGTH)}`);
    return source && { ...(source.text !== undefined && { text: source.text }), ...(source.source !== undefined && { source: source.source }) };
  }
  return undefined;
}

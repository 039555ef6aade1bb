import type { ImageValues } from './imageSkill';

/** How people ask for a picture, by language: a verb that draws, or any verb with a word for picture. `what` is what it shows. */
const requests: readonly RegExp[] = [
  /^(?:please\s+|can you\s+|could you\s+)*(?:draw|paint)(?:\s+(?:me|us))?\s+(?!up\b|on\b|from\b|attention|(?:a |the |any |some )?(?:conclusions?|lessons?|inferences?|distinctions?|comparisons?|parallels?|line)\b)(?<what>.+)$/isu,
  /^(?:please\s+|can you\s+|could you\s+)*(?:create|generate|make|produce|design|draw|paint|show|give)(?:\s+(?:me|us))?\s+(?<count>an?|one|two|three|four|[1-4])\s+(?:[\w-]+\s+){0,2}(?:pictures?|images?|photos?|drawings?|illustrations?|paintings?|logos?|icons?|posters?)\s+(?:of|showing|with|that shows|for)\s+(?<what>.+)$/isu,
  /^(?:bitte\s+|kannst du\s+|können sie\s+)*(?:zeichnen? sie|zeichne|male|mal (?=mir|uns|ein))(?:\s+(?:mir|uns))?(?:\s+bitte)?\s+(?<what>.+)$/isu,
  /^(?:bitte\s+)?(?:erstelle?|erzeuge|generiere|mache?|entwirf|gestalte|zeige?)(?:n sie)?(?:\s+(?:mir|uns))?(?:\s+bitte)?\s+(?<count>eine?n?|zwei|drei|vier|[1-4])\s+(?:[\p{L}-]+\s+){0,2}(?:bild(?:er)?|fotos?|grafik(?:en)?|illustration(?:en)?|zeichnung(?:en)?|gemälde|logos?|plakate?)\s+(?:von|mit|für|zu)\s+(?<what>.+)$/isu,
  /^(?:dessinez?|peins|peignez)(?:[- ](?:moi|nous))?\s+(?<what>.+)$/isu,
  /^(?:crée[rz]?|génère[rz]?|fais|faites|montre[rz]?)(?:[- ](?:moi|nous))?\s+(?<count>une?|deux|trois|quatre|[1-4])\s+(?:images?|photos?|illustrations?|dessins?|logos?|affiches?|peintures?)\s+(?:de |d[’']|des |du |avec |montrant |pour )(?<what>.+)$/isu,
  /^(?:por favor,?\s+)?(?:dibuj(?:a|e)(?:me|nos)?|pint(?:a|e)(?:me|nos)?)\s+(?<what>.+)$/isu,
  /^(?:por favor,?\s+)?(?:crea|cree|genera|genere|haz(?:me)?|haga(?:me)?|muéstra(?:me)?)\s+(?<count>una?|dos|tres|cuatro|[1-4])\s+(?:im[aá]gen(?:es)?|fotos?|ilustraci(?:ón|ones)|dibujos?|logos?|carteles?|pinturas?)\s+(?:de|con|para|que muestren?)\s+(?<what>.+)$/isu,
];

const counts: Readonly<Record<string, number>> = { two: 2, zwei: 2, deux: 2, dos: 2, three: 3, drei: 3, trois: 3, tres: 3, four: 4, vier: 4, quatre: 4, cuatro: 4, 2: 2, 3: 3, 4: 4 };

/** Manners that a request names; they stay in it, since models read them as well. */
const shapes: readonly (readonly [RegExp, NonNullable<ImageValues['shape']>])[] = [
  [/\b(?:landscape|wide) (?:format|orientation|mode)|\bwidescreen\b|\b(?:16:9|3:2)\b|querformat|breitformat|format paysage|formato (?:apaisado|horizontal)/iu, 'wide'],
  [/\b(?:portrait|tall) (?:format|orientation|mode)|\b(?:9:16|2:3)\b|hochformat|format portrait|formato vertical/iu, 'tall'],
];
const qualities: readonly (readonly [RegExp, NonNullable<ImageValues['quality']>])[] = [
  [/\b(?:high|best|hd) quality|in (?:hoher|bester) qualität|haute qualité|alta calidad/iu, 'high'],
  [/\b(?:draft|rough|low) quality|quick draft|als (?:grober )?entwurf|en brouillon|en borrador/iu, 'draft'],
];
const styles: readonly (readonly [RegExp, NonNullable<ImageValues['style']>])[] = [
  [/\b(?:natural style|photo-?realistic|realistic)\b|fotorealistisch|photoréaliste|fotorrealista/iu, 'natural'],
  [/\b(?:vivid|dramatic) style\b|lebhafter stil|style vif|estilo vívido/iu, 'vivid'],
];

/** A message that asks for a picture is short; what follows is looked at no further. */
const MAX_OPENING_LENGTH = 300;

/** A request for a picture; undefined where the message is none, such as "draw a conclusion". */
export function readImageRequest(text: string): ImageValues | undefined {
  const opening = text.slice(0, MAX_OPENING_LENGTH);
  for (const request of requests) {
    const { what, count } = request.exec(opening)?.groups ?? {};
    if (what === undefined || what.trim() === '') continue;
    const prompt = `${what}${text.slice(MAX_OPENING_LENGTH)}`.trim();
    return { text: prompt, ...mannersOf(text), ...(counts[count?.toLowerCase() ?? ''] && { count: counts[count?.toLowerCase() ?? ''] }) };
  }
  return undefined;
}

/** What a description says about form, quality and style. */
export function mannersOf(text: string): Pick<ImageValues, 'shape' | 'quality' | 'style'> {
  const [shape, quality, style] = [named(shapes, text), named(qualities, text), named(styles, text)];
  return { ...(shape && { shape }), ...(quality && { quality }), ...(style && { style }) };
}

const named = <T>(table: readonly (readonly [RegExp, T])[], text: string): T | undefined => table.find(([pattern]) => pattern.test(text.slice(0, 2_000)))?.[1];

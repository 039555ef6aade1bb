import { plain } from './commands';

/** A part of a summary that people ask for by itself. */
export type SummarySection = 'decisions' | 'actionItems' | 'openQuestions';

/** Whole messages only: "what was decided about the battery?" is a question to look for in the text. */
const sections: readonly (readonly [SummarySection, RegExp])[] = [
  ['decisions', /^(?:(?:list |show |what (?:are|were) )?(?:me )?(?:all )?(?:the )?decisions(?: made| taken)?|what (?:was|has been|is|were we|did (?:we|they)) (?:decided?|agreed?)(?: on| upon)?|(?:was (?:wurde|ist|haben wir) )?(?:entschieden|beschlossen|vereinbart)(?: worden)?|(?:die |alle )?(?:entscheidungen|beschlusse)|(?:les |quelles (?:sont|etaient) les )?decisions(?: prises)?|qu (?:est ce qui a ete|a t on|avons nous|est ce qu on a) decide|(?:las |cuales son las )?decisiones(?: tomadas)?|que (?:se (?:decidio|ha decidido|acordo)|decidimos|acordamos))$/],
  ['actionItems', /^(?:(?:list |show |what (?:are|were) )?(?:me )?(?:all )?(?:the |my |our )?(?:action (?:items|points)|actions?|tasks|to ?dos?|next steps|follow ups?)|who (?:has to|must|should|needs to|will) do what(?: (?:by|until) when)?|who does what(?: (?:by|until) when)?|what (?:is there|do (?:we|i) have) to do|what needs to be done|wer (?:macht|muss|tut|soll)(?: bis wann)? was(?: (?:bis wann|machen|tun))?|was ist (?:jetzt )?zu tun|(?:die |alle )?(?:aufgaben|nachste[n]? schritte)|qui (?:fait|doit faire) quoi|(?:les |quelles sont les )?(?:taches|actions|prochaines etapes)|quien (?:hace|tiene que hacer|debe hacer) que|(?:las |cuales son las )?tareas|(?:los )?(?:proximos pasos|pendientes))$/],
  ['openQuestions', /^(?:(?:list |show |what (?:are|were) )?(?:me )?(?:all )?(?:the )?open (?:questions|points|issues|items)|what is (?:still )?(?:open|unclear|undecided)|(?:die |alle )?offene[n]? (?:fragen|punkte)|was ist (?:noch )?offen|(?:les |quelles sont les )?questions ouvertes|qu est ce qui reste ouvert|(?:las |cuales son las )?(?:preguntas|cuestiones) abiertas|que queda (?:abierto|pendiente))$/],
];

const lengths: readonly (readonly ['short' | 'detailed', RegExp])[] = [
  ['short', /^(?:(?:make|do) (?:it|that|this) )?(?:(?:much|a bit|even) )?(?:shorter|brief(?:er)?)$|^(?:(?:bitte )?(?:noch )?kurzer|(?:etwas )?kurzer)$|^plus (?:court|bref)$|^mas (?:corto|breve)$/],
  ['detailed', /^(?:(?:make|do) (?:it|that|this) )?(?:longer|more detailed)$|^(?:give me )?more details?$|^(?:bitte )?(?:ausfuhrlicher|mehr details)$|^plus (?:long|detaille|de details)$|^mas (?:largo|detallado|detalles?)$/],
];

/** "What was decided?", "who does what?", "open questions", in four languages; undefined where it is none of these. */
export function readSectionRequest(text: string): SummarySection | undefined {
  const said = bare(text);
  return sections.find(([, pattern]) => pattern.test(said))?.[0];
}

/** "Shorter", "more detail": of the summary that was there last. */
export function readLengthRequest(text: string): 'short' | 'detailed' | undefined {
  const said = bare(text);
  return lengths.find(([, pattern]) => pattern.test(said))?.[0];
}

/** Without signs, and without the words around: "please", "in this meeting". */
function bare(text: string): string {
  const words = plain(text).replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
  return words
    .replace(/^(?:and|und|et|y|please|bitte|so) /, '')
    .replace(/ (?:please|bitte|s il (?:te|vous) plait|por favor)$/, '')
    .replace(/ (?:(?:in|at|from|of|during|der|in der|aus der|dans|de|en) )?(?:the|this|that|der|dieser|la|cette|esta) (?:meeting|document|file|chat|text|besprechung|sitzung|reunion)$/, '');
}

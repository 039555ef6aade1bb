/** Questions about what was said here before, and what they are about. */
const requests: readonly RegExp[] = [
  /^(?:what|when|where|which) (?:did|do|have|had) (?:i|you|we) (?:(?:just|once|ever|already) )?(?:tell|told|say|said|write|written|mention(?:ed)?|talk(?:ed)?|promise[d]?|agree[d]?|decide[d]?|discuss(?:ed)?)(?: (?:to )?(?:you|me|us))?(?: (?:about|of|on|regarding|concerning))? (?<topic>.+)$/iu,
  /^(?:do|can) you (?:still )?(?:remember|recall) (?:what (?:i|you|we) (?:told|said|wrote|mentioned|discussed)(?: (?:to )?(?:you|me))? (?:about|of|on|regarding) )?(?<topic>.+)$/iu,
  /^remind me (?:of )?what (?:i|you|we) (?:told|said|wrote|mentioned|discussed|agreed)(?: (?:to )?(?:you|me))? (?:about|of|on|regarding) (?<topic>.+)$/iu,
  /^(?:was|wann|wo) (?:hab(?:e|en|t)?|hatten?|hast|hattest) (?:ich|du|wir|sie) (?:(?:dir|ihnen|mir|uns) )?(?:(?:schon|damals|vorhin) )?(?:über|zu[mr]?|von|vom|wegen|bezüglich) (?<topic>.+?)(?: (?:gesagt|erzählt|geschrieben|erwähnt|besprochen|geredet|gesprochen|versprochen|vereinbart))?$/iu,
  /^(?:erinnerst du dich(?: noch)?|erinnern sie sich(?: noch)?|weißt du noch),? (?:daran, |an )?(?:was (?:ich|du|wir) (?:(?:dir|ihnen|mir) )?(?:über|zu[mr]?|von|wegen) )?(?<topic>.+?)(?: (?:gesagt|erzählt|geschrieben|besprochen) (?:habe|hast|haben))?$/iu,
  /^(?:qu['’]est-ce que|que|quand) ?(?:je |j['’]|tu |nous |on )?(?:t['’]ai(?:-je)?|ai-je|m['’]as(?:-tu)?|as-tu|avons(?:-nous)?|a(?:-t-on)?) (?:déjà )?(?:dit|raconté|écrit|parlé|mentionné|discuté|décidé) (?:sur|à propos (?:de |du |des |d['’])|au sujet (?:de |du |des |d['’])|de |du |des |d['’]) ?(?<topic>.+)$/iu,
  /^(?:est-ce que )?(?:tu te souviens|vous souvenez-vous|te souviens-tu) (?:de (?:ce que (?:je|j['’]|tu|nous) .{0,20}?(?:dit|raconté|écrit) (?:sur|à propos (?:de |du |d['’])) ?)?|du |des |d['’])(?<topic>.+)$/iu,
  /^(?:qué|que|cuándo) (?:te |me |nos )?(?:dije|dijiste|dijimos|he dicho|has dicho|hemos dicho|conté|contaste|escribí|hablamos|mencioné|acordamos) (?:sobre|acerca de|de|del) (?<topic>.+)$/iu,
  /^(?:te acuerdas|recuerdas|se acuerda|recuerda) (?:de |del )?(?:lo que (?:te |me )?(?:dije|dijiste|dijimos|conté|he dicho) (?:sobre|acerca de|de|del) )?(?<topic>.+)$/iu,
];

/** Longer messages are no questions; searching them for one would take time. */
const MAX_LENGTH = 200;

/** What a question about earlier talk is about ("What did I tell you about my cat?": "my cat"); undefined where the message is none. */
export function readRecallRequest(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const question = text.trim().replace(/^¿/, '').replace(/[?!.\s]+$/, '');
  return requests.map((request) => request.exec(question)?.groups?.topic).find((topic) => topic !== undefined);
}

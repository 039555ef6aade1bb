import type { Cues } from './cues';

const work =
  'envoyer|préparer|vérifier|faire|écrire|rédiger|appeler|contacter|organiser|réserver|finir|terminer|corriger|mettre|créer|planifier|valider|relire|tester|livrer|partager|présenter|demander|regarder|prendre|acheter|commander|confirmer|publier|modifier|ajouter|supprimer|fournir|transmettre|prévenir|répondre|revoir|compléter';

export const fr: Cues = {
  decision: /(?<![\p{L}])(?:(?:on|nous) (?:a|avons) (?:donc |tous )?(?:décidé|convenu|choisi|validé|retenu|conclu)|il (?:a été|est) décidé|décision ?:|c'est (?:décidé|validé|acté)|on part sur|on garde|on reste sur|on abandonne|nous retenons)(?![\p{L}])/iu,
  noDecision: /(?<![\p{L}])(?:si|pas (?:encore )?décidé|il faut décider|est-ce qu|faut-il|avant de|à décider)(?![\p{L}])/iu,
  commitment: new RegExp(`(?<![\\p{L}])(?:je (?:vais|peux|dois)|nous allons|on va).{0,40}?(?:${work})(?![\\p{L}])|(?<![\\p{L}])je (?:m'en occupe|m'occupe|prends|prépare|vous envoie|t'envoie|l'envoie|\\p{L}+erai)(?![\\p{L}])`, 'iu'),
  request: new RegExp(`(?<![\\p{L}])(?:peux-tu|pouvez-vous|pourrais-tu|pourriez-vous|tu peux|vous pouvez|quelqu'un peut|il faudrait que (?:tu|vous)|tu dois|vous devez|merci de|prière de|veuillez|n'oubli(?:e|ez) pas).{0,40}?(?:${work})(?![\\p{L}])|s'il (?:te|vous) plaît`, 'iu'),
  order: /^(?:envoie|envoyez|vérifie|vérifiez|prépare|préparez|mets|mettez|fais|faites|pense à|pensez à|relis|relisez|appelle|appelez|réserve|réservez|ajoute|ajoutez|confirme|confirmez|demande|demandez|préviens|prévenez|corrige|corrigez)[- ](?:moi|nous|le|la|les|l['’]|un|une|des|à|au|aux|tout|tous|ce|cette|ces|mon|ma|notre|nos|bien)/iu,
  assignment: new RegExp(`^(?:,|:|-|–)?\\s*(?:peux-tu|pouvez-vous|pourrais-tu|pourriez-vous|va|doit|s'occupe|prépare|envoie|vérifie|prend|tu|merci de)(?![\\p{L}])`, 'iu'),
  taskMark: /^(?:(?:todo|à faire|action|actions|tâche|prochaines? étapes?)\s*(?::|–|-)\s*|\[ ?\]\s*)/iu,
  noTask: /^(?:si|quand|lorsque|parce que)(?![\p{L}])|(?<![\p{L}])(?:vous m'entendez|tu m'entends|est-ce qu'il faut)(?![\p{L}])/iu,
  stageTalk: /(?<![\p{L}])je (?:vais|peux) (?:vous |te )?(?:montrer|commencer|expliquer|dire|présenter)(?![\p{L}])/iu,
  open: /(?<![\p{L}])(?:question ouverte|reste à (?:décider|définir|voir)|pas encore (?:décidé|clair)|on ne sait pas (?:encore )?(?:si|comment|quand|qui)|à confirmer)(?![\p{L}])/iu,
  question: /\p{L}/u,
  noQuestion: /^(?:vous m'entendez|tu m'entends|ça va|comment|pardon|quoi|non|oui|vraiment|d'accord|n'est-ce pas|hein|prêts?)(?![\p{L}])/iu,
  deferral: /(?<![\p{L}])(?:(?:je )?(?:ne )?sais pas|pas sûre?|aucune idée|bonne question|plus tard|la semaine prochaine|(?:je dois|faut) (?:vérifier|demander|voir)|ça dépend|à voir)(?![\p{L}])/iu,
  reply: /^(?:oui|non|si|ouais|bien sûr|exactement|tout à fait|d'accord|ok|c'est (?:fait|bon)|effectivement)(?![\p{L}])/iu,
  assent: /^(?:oui|ouais|bien sûr|d'accord|ok|c'est (?:fait|noté)|volontiers|avec plaisir|pas de (?:problème|souci)|je (?:m'en occupe|le fais|vais|prends)|entendu|noté|👍|✅)(?![\p{L}])/iu,
  agenda: /(?<![\p{L}])(?:important\p{L}*|objectif\p{L}*|décid\p{L}*|décision\p{L}*|problème\p{L}*|budget|échéance|résultat\p{L}*|risque\p{L}*|il faut|devons|coûts?|propos\p{L}*|donc)(?![\p{L}])/iu,
  leaning: /^(?:c'est|ça|cela|ceci|il|elle|ils|elles|ce|cette|ou|parce que|qui|où|et|puis)(?![\p{L}])/iu,
  courtesy: /^(?:bonjour|bonsoir|salut|coucou|merci|cordialement|bien à vous|bonne (?:journée|soirée)|parfait|super|ok|d'accord|oui)(?![\p{L}])[^.?!]{0,40}[.!]*$/iu,
};

import type { Cues } from './cues';

const work =
  'abgeben|absprechen|anfragen|anpassen|anrufen|anschauen|ansehen|aufräumen|aufsetzen|ausfüllen|bauen|bearbeiten|beauftragen|bereitstellen|besorgen|bestellen|bestätigen|buchen|einladen|einplanen|einrichten|entwerfen|ergänzen|erledigen|erstellen|fertig|fragen|freigeben|geben|klären|kontaktieren|korrigieren|kümmern|liefern|machen|melden|mitbringen|nachfragen|nachsehen|organisieren|planen|prüfen|präsentieren|reservieren|schicken|schreiben|senden|sprechen|starten|teilen|testen|überarbeiten|übernehmen|überprüfen|unterschreiben|verschicken|verschieben|vorbereiten|weiterleiten|zusammenstellen|zusenden|umsetzen';

export const de: Cues = {
  decision: /\b(?:wir haben (?:uns )?.{0,60}\b(?:entschieden|beschlossen|geeinigt|vereinbart|festgelegt)|(?:wurde|ist|war) (?:beschlossen|entschieden|vereinbart)|beschlossen:|beschluss:|entscheidung:|wir (?:nehmen|bleiben bei|machen es|verwenden|streichen|verschieben)|einigen wir uns auf|wir haben beschlossen|steht fest)(?![\p{L}])/iu,
  noDecision: /\b(?:ob|falls|wenn|nicht entschieden|noch nicht|müssen (?:wir )?.{0,40}entscheiden|sollen wir|sollten wir|haben wir|bevor)(?![\p{L}])/iu,
  commitment: new RegExp(`(?<![\\p{L}])(?:ich (?:werde|kann|will|muss|würde)|wir werden).{1,120}(?:${work})(?![\\p{L}])|(?<![\\p{L}])ich (?:kümmere|übernehme|schicke|sende|prüfe|kläre|mache|schreibe|erstelle|organisiere|bereite|frage|melde|rufe|buche|reserviere)(?![\\p{L}])`, 'iu'),
  request: new RegExp(`(?<![\\p{L}])(?:kannst du|könntest du|können sie|könnten sie|könnt ihr|würdest du|würden sie|kann jemand|magst du).{1,120}(?:${work})(?![\\p{L}])|(?<![\\p{L}])bitte (?!schön|sehr)|(?<![\\p{L}])(?:du|sie|ihr) (?:musst|müssen|müsst|sollst|sollten|solltest|solltet)(?![\\p{L}])`, 'iu'),
  order: /^(?:schick|schicke|sende|prüf|prüfe|mach|mache|erstell|erstelle|bereite|kläre|klär|frag|frage|melde|buche|reserviere|ruf|denk|denkt|vergiss|vergesst|überprüfe|schreib|schreibt|ergänze|besorge|bestelle|schickt|prüft|macht|klärt|meldet) (?:mir|uns|den|die|das|dem|der|ein|eine|einen|es|ihm|ihr|ihnen|euch|dich|bitte|an|noch|nicht|alle|alles|mal)(?![\p{L}])/iu,
  assignment: new RegExp(`^(?:,|:|-|–)?\\s*(?:kannst|könntest|können|bitte|soll|wird|muss|übernimmt|kümmert|schickt|prüft|erstellt|schreibt|macht|klärt|bereitet|organisiert|du|sie)(?![\\p{L}])`, 'iu'),
  taskMark: /^(?:(?:todo|to-do|aufgabe|aufgaben|nächste schritte|aktion)\s*(?::|–|-)\s*|\[ ?\]\s*)/i,
  noTask: /^(?:wenn|falls|sobald|weil|da)(?![\p{L}])|(?<![\p{L}])(?:müssen wir|soll ich|sollen wir|hört ihr mich|bitte sehr|bitte schön)(?![\p{L}])/iu,
  stageTalk: /(?<![\p{L}])(?:ich (?:zeige|erzähle|fange|beginne|erkläre|sage)|ich (?:werde|kann|will) .{0,60}(?:zeigen|erzählen|anfangen|beginnen|erklären|sagen))(?![\p{L}])/iu,
  open: /(?<![\p{L}])(?:offene frage|offen ist|noch (?:offen|unklar|nicht entschieden)|noch (?:klären|entscheiden)|(?:wissen|weiß) (?:wir |ich )?(?:noch )?nicht,? (?:ob|wie|wann|wer|was)|ungeklärt)(?![\p{L}])/iu,
  question: /(?<![\p{L}])(?:was|wie|warum|wieso|wer|wen|wem|wo|wann|welche\p{L}*|ob|ist|sind|war|hat|haben|kann|können|soll|sollen|sollten|wird|werden|müssen|muss|gibt|darf|dürfen|will|wollen)(?![\p{L}])/iu,
  noQuestion: /^(?:hört ihr|seht ihr|könnt ihr mich|wie bitte|was|oder|ja|nein|echt|wirklich|alles klar|wie geht|passt das|fertig|okay|gell|ne)(?![\p{L}])/iu,
  deferral: /(?<![\p{L}])(?:weiß (?:ich )?nicht|keine ahnung|nicht sicher|gute frage|später|nächste woche|muss ich (?:prüfen|fragen|nachsehen)|klären wir|kommt darauf an)(?![\p{L}])/iu,
  reply: /^(?:ja|nein|klar|genau|doch|stimmt|richtig|natürlich|gerne|passt|okay|ok|mach ich|erledigt|sicher|jein)(?![\p{L}])/iu,
  assent: /^(?:ja|klar|gerne|okay|ok|passt|mach ich|mache ich|wird gemacht|erledigt|natürlich|sicher|kein problem|ich (?:mache|kümmere|übernehme|schicke|prüfe|werde)|👍|✅)(?![\p{L}])/iu,
  agenda: /(?<![\p{L}])(?:wichtig\p{L}*|ziel\p{L}*|entscheid\p{L}*|beschl\p{L}*|problem\p{L}*|budget|frist|ergebnis\p{L}*|risiko|müssen|sollten|deshalb|kosten|vorschlag|schlage vor)(?![\p{L}])/iu,
  leaning: /^(?:das|dies\p{L}*|es|sie|er|oder|weil|dann|damit|dabei|dafür|davon|deshalb|wo|dort)(?![\p{L}])/iu,
  courtesy: /^(?:hallo|hi|guten (?:morgen|tag|abend)|liebe\p{L}*|moin|servus|danke|vielen dank|viele grüße|mit freundlichen grüßen|gruß|lg|mfg|super|perfekt|alles klar|gerne|ja|ok|okay)(?![\p{L}])[^.?!]{0,40}[.!]*$/iu,
};

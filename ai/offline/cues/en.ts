import type { Cues } from './cues';

const tellingVerbs =
  'show|tell|bore|start|begin|skip|leave|say|plug|explain|talk|read|repeat|stop|pass|hand|share|go (?:through|over|back|ahead|first|on)|move on|come (?:back|to)|give you|be (?:honest|quick|brief|back|right)|let you|take (?:a few|a couple|just|questions|that as)|do (?:a|my|the) presentation|just (?:say|go|start|take|tell|show|run|quickly)|quickly|run through|see|admit|assume|guess|imagine|bet|miss|try to (?:explain|be)|love|like|want|need to|have to|wait|leave (?:it|that)|never|not|always|probably (?:not|never)|agree|join|take your';

const workVerbs =
  'add|adjust|allocate|analy[sz]e|approve|arrange|ask|assign|attach|bring|book|build|buy|call|change|check|circulate|clean|close|collect|comment|compare|compile|complete|confirm|contact|convert|coordinate|copy|correct|create|decide on|define|delete|deliver|deploy|describe|design|develop|document|double-check|draft|draw|edit|email|e-mail|ensure|estimate|evaluate|extend|figure out|file|fill|finali[sz]e|find|finish|fix|follow up|forward|get back|get in touch|handle|help|hire|implement|improve|inform|install|introduce|invite|invoice|keep|launch|let|list|look (?:at|into|for)|mail|make|measure|meet|merge|move|negotiate|note|notify|open|order|organi[sz]e|pay|pick up|ping|plan|post|prepare|present|print|produce|propose|provide|publish|pull|push|put|raise|reach out|rebase|record|reduce|release|remove|rename|renew|reply|report|request|research|reserve|resolve|respond|restart|review|revise|rewrite|roll (?:back|out)|run|save|schedule|send|set up|share|ship|sign|sort|speak|split|submit|summari[sz]e|switch|tell|take (?:care|over|it|on)|talk to|test|train|translate|try|turn|update|upgrade|upload|verify|work (?:on|out|with)|write';

export const en: Cues = {
  decision: new RegExp(
    [
      String.raw`\b(?:we|i think we|i believe we|the (?:team|board|group|committee))(?:'ve| have| had| all| also| just)* (?:decided|agreed|settled on|concluded|chosen|chose|approved|voted)\b`,
      String.raw`\b(?:it (?:was|is|has been)|was|were|has been|have been) (?:decided|agreed|approved)\b`,
      String.raw`^(?:decided|agreed|approved|decision|final decision)\b ?[:–-]`,
      String.raw`\b(?:the|our|final) decision (?:is|was)\b`,
      String.raw`\blet'?s (?:all )?(?:just )?(?:go|stick|stay) (?:with|for)\b`,
      String.raw`\b(?:we're|we are|we'll|we will|i'd say we|so we)(?: be)?(?: now| just)? (?:going with|go with|sticking with|stick with|stay with|drop|dropping|not going (?:with|to)|going for|settle on|use|keep|postpone|cancel|skip)\b`,
      String.raw`\b(?:is|are)(?: definitely| probably)? (?:the way to go|our best bet)\b`,
      String.raw`\b(?:i guess|so|then) the \w+ (?:would|will) be\b`,
      String.raw`\b(?:signed off|green[- ]?light(?:ed)?|it's settled|that's settled|ruled out)\b`,
    ].join('|'),
    'i',
  ),
  noDecision:
    /\b(?:if|whether|unless|not (?:yet )?decided|(?:n't|not) (?:really )?(?:decide|agree)|to decide|before (?:we )?decid\w+|until we|should we|could we|shall we|do we|did we|have we|are we|need to make a decision|had (?:planned|wanted)|might|maybe we|perhaps we|way to go (?:is|if))\b/i,
  commitment: new RegExp(
    [
      String.raw`\bi(?:'ll| will|'m going to| am going to|'m gonna| shall|'d be happy to| can)(?: also| then| definitely| try (?:and|to)| go and| be)? (?:${workVerbs}|do (?:it|that|this)|get (?:it|that|you|the|a)|be (?:preparing|working|sending|looking|reviewing|taking|updating|writing))\b`,
      String.raw`\b(?:let me|i have to|i need to|i promise to|i'll have to|i will have to) (?:${workVerbs})\b`,
      String.raw`\bi(?:'ll| will) take (?:that|it|this|care|the)\b`,
      String.raw`\bwe(?:'ll| will| are going to|'re going to|'re gonna)(?: also| then| all| need to| have to)? (?:${workVerbs}|have (?:another|a|our|the) (?:\w+ )?(?:meeting|call|review|workshop))\b`,
    ].join('|'),
    'i',
  ),
  request: new RegExp(
    [
      String.raw`\b(?:can|could|would|will) (?:you|someone|somebody|anyone|you guys|you two|one of you)(?: please| maybe| also| just)* (?:${workVerbs})\b`,
      String.raw`\b(?:please|pls|kindly) (?:do |also |don't |do not )?(?:${workVerbs}|let me know|see|be|have|do|get|give|go|use|take|return|note|stop|start|consider|remember)\b`,
      String.raw`\b(?:i|we)(?:'d| would)? (?:need|want|like|ask|expect) (?:you|someone|somebody) (?:all |both )?to\b`,
      String.raw`\b(?:you|you guys|you two)(?:'ll| will)(?: also)? (?:be )?(?:${workVerbs}|working|preparing|doing|sending|looking|writing|handling)\b`,
      String.raw`^(?:so |then )?(?:you|you guys) (?:do|take|handle|prepare|write|send|check|look|work|draft|organi[sz]e) (?:the|on|at|into|a|this|that|it|care)\b`,
      String.raw`\b(?:if you could|you could|you should|you need to|you have to|you must)(?: please| maybe| also| just)* (?:${workVerbs}|come up with)\b`,
      String.raw`\bmake sure (?:you|that|to|we)\b`,
      String.raw`^(?:the )?(?:two|both|all) of you (?:get to|will|should|need to|can)\b`,
      String.raw`\bwe'll (?:want|need) (?:a|an|the|some)\b`,
      String.raw`\b(?:don't forget|remember) to (?:${workVerbs})\b`,
    ].join('|'),
    'i',
  ),
  // With its object: "test failed" and "order 12 is late" tell nobody to do anything.
  order: new RegExp(String.raw`^(?:and |also |then |next,? )?(?:${workVerbs}) (?:the|a|an|my|our|your|his|her|their|this|these|those|it|them|me|us|him|all|any|both|each|every|everyone|everybody|with me|back to|up on|whether|\p{Lu}\p{Ll}+ (?:to|about|for|if|by|before))(?![\p{L}])`, 'iu'),
  assignment: new RegExp(
    String.raw`^(?:,|:|-|–)?\s*(?:(?:can|could|would|will) you|please|pls|you(?:'ll| will|'re going to| are going to)?|will|to|shall|should|needs? to|has to|have to|is going to|is to|must|we'll want|is (?:responsible for|working on|taking|preparing|writing))?(?: also| please| be| then)*\s*(?:${workVerbs}|do|have|get|give|take|use|see|go|working|preparing|writing|taking|(?:a|an|the) \w+)\b`,
    'i',
  ),
  taskMark: /^(?:(?:todo|to-do|to do|action|action item|actions|next step|next steps|task|ai)\s*(?::|–|-)\s*|\[ ?\]\s*)/i,
  noTask: new RegExp(
    [
      String.raw`^(?:if|when|whenever|unless|once|because|since|suppose)\b(?! you could)`,
      String.raw`\b(?:do|did|does|should|shall|would|must) (?:we|i|they) (?:need|have|want|really)?\b`,
      String.raw`\b(?:you can|you could|you would|you'd|you'll) (?:just )?(?:see|imagine|tell|always|find that|hear|notice)\b`,
      String.raw`\b(?:hear me|see my screen|see the screen|hold on|hang on|wait a|take your time|let me (?:see|think|know if)|feel free|no worries|make a decision|need to decide|your presentation|thank you|thanks for)\b`,
      String.raw`\bi can(?:'t| not|not)\b|\bi (?:would|could|might)\b`,
      String.raw`\byou could (?:just |maybe |actually )?(?:have|use|put|make|get|sell|see|buy|turn|keep|run|open|add)\b`,
    ].join('|'),
    'i',
  ),
  stageTalk: new RegExp(String.raw`\b(?:i(?:'ll| will|'m going to|'m gonna| can)|let me|can you|could you)(?: then| also| now)? (?:just )?(?:${tellingVerbs})\b`, 'i'),
  open: /\b(?:open (?:question|point|issue)|(?:haven't|have not|hasn't|not yet) (?:yet )?(?:decided|agreed|figured|settled)|(?:still|yet) (?:need|have) to (?:decide|figure out|find out|clarify|agree)|(?:still|remains) (?:unclear|open|undecided)|(?:we|i) (?:don't|do not) (?:yet )?know (?:whether|if|how|when|who|what|which)\b(?!.*\byou (?:know|can see|see|can hear|guys)\b)|to be (?:decided|determined|confirmed)|tb[dc]\b|no (?:one|body) knows)/i,
  question: /\b(?:what|how|why|who|whom|whose|where|when|which|is|are|was|were|do|does|did|can|could|should|shall|will|would|have|has|had|may|might|any|isn't|aren't|don't|doesn't|didn't|won't|can't)\b/i,
  noQuestion:
    /^(?:is everyone|are you|can (?:you|everyone) (?:hear|see)|what(?:'s that| was that)?|sorry|pardon|really|right|yeah|okay|ok|you know|know what|why not|who knows|how are you|how's it|see|so|ready|any questions|do you have more|where (?:are we|was i)|what am i|why (?:can't|am) i|shall we (?:start|begin|move)|how do (?:you|i) (?:say|spell)|what(?:'s| is) it called|does that make sense|makes sense|can i (?:have|just|get|go)|could i (?:have|just)|may i|is that (?:about )?it)\b|\bmy screen\b/i,
  deferral:
    /\b(?:(?:don't|do not|dunno|didn't) (?:really )?know|not sure|no idea|dunno|(?:good|open) question|(?:have|need|'ll|will) (?:to )?(?:check|ask|see|find out|look into|get back|come back|discuss)|later|next (?:time|week|meeting)|another time|depends|tb[dc]|park (?:it|that)|offline)\b/i,
  reply: /^(?:yes|yeah|yep|yup|sure|no|nope|nah|right|exactly|correct|of course|absolutely|definitely|(?:okay|ok)(?!,? (?:thank|thx))|true|not (?:really|yet)|i (?:think|guess|believe) so|it (?:does|is|can|will)|certainly|done|agreed|👍|✅)(?![\p{L}])/iu,
  assent: /^(?:(?:yes|yeah|yep|yup|ok|okay|sure|fine|great|perfect|happy to|no problem|absolutely|of course|certainly|👍|✅)(?![\p{L}])|will do|on it|(?:consider it )?done\b|i(?:'ll| will|'m on)\b|you(?:'ll| will) have it|got it|agreed\b|with pleasure|can do\b|i can\b(?! not|'t))/iu,
  agenda:
    /\b(?:important|decid\w+|decision|goal|aim|budget|deadline|agenda|conclusion|conclude|in summary|main (?:point|thing|problem|issue)|problem is|key|requirement|finding|need to|must|should|priority|risk|result|recommend\w*|propos\w+|because|therefore|cost)\b/i,
  leaning: /^(?:that|that's|this|these|those|it|it's|they|they're|he|she|which|who|or|because|where|with|then|such|there you|same|kind of|sort of|also|what|how|whether|well|for example|like|though|whereas|as well|not (?:only|necessarily))\b/i,
  courtesy: /^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|thanks|thank you|thx|cheers|regards|best|best regards|kind regards|sincerely|welcome|congrat\w*|have a (?:nice|good|great)|happy (?:to|birthday|friday)|sounds good|great|perfect|awesome|cool|lol|haha|ok|okay|yes|yep|sure|no problem|np|will do|👍)\b[^.?!]{0,40}[.!]*$/i,
};

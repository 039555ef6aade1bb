import type { Cues } from './cues';

const work =
  'enviar|mandar|preparar|revisar|hacer|escribir|redactar|llamar|contactar|organizar|reservar|terminar|corregir|poner|crear|planificar|validar|probar|entregar|compartir|presentar|preguntar|mirar|comprar|pedir|confirmar|publicar|cambiar|añadir|quitar|responder|completar|coordinar|actualizar|averiguar';

export const es: Cues = {
  decision: /(?<![\p{L}])(?:(?:hemos|ya hemos) (?:decidido|acordado|elegido|aprobado|quedado en)|decidimos|acordamos|se (?:decidió|acordó|ha decidido|aprobó)|decisión:|queda(?:mos)? (?:decidido|en que|en)|nos quedamos con|vamos con|optamos por)(?![\p{L}])/iu,
  noDecision: /(?<![\p{L}])(?:si|no (?:hemos|se ha) decidido|hay que decidir|por decidir|antes de|deberíamos)(?![\p{L}])/iu,
  commitment: new RegExp(`(?<![\\p{L}])(?:(?:yo )?voy a|puedo|tengo que|vamos a|me encargo de).{0,30}?(?:${work})(?![\\p{L}])|(?<![\\p{L}])(?:me encargo|yo lo hago|te envío|os envío|les envío|lo reviso|yo (?:reviso|preparo|envío|mando|hago))(?![\\p{L}])`, 'iu'),
  request: new RegExp(`(?:(?<![\\p{L}])(?:puedes|podrías|puede|podría|podéis|pueden|alguien puede|necesito que|hay que|debes|tienes que|tenéis que|no olvid(?:es|éis) )).{0,40}?(?:${work})(?:me|lo|la|los|las|nos)?(?![\\p{L}])|(?<![\\p{L}])por favor(?![\\p{L}])`, 'iu'),
  order: /^(?:envía|envíe|envíen|manda|mande|revisa|revise|revisad|prepara|prepare|confirma|confirme|llama|llame|reserva|reserve|añade|añada|no olvides|recuerda|recuerden|haz|haga|avisa|avise|escribe|escriba|comprueba|compruebe)(?:me|nos|le|les)? (?:a|al|el|la|los|las|lo|un|una|que|con|por|todo|todos|todas|esta|este|mi|tu|nuestr[oa])(?![\p{L}])/iu,
  assignment: /^(?:,|:|-|–)?\s*(?:puedes|podrías|por favor|va a|tiene que|debe|se encarga|prepara|envía|revisa|hace|tú)(?![\p{L}])/iu,
  taskMark: /^(?:(?:todo|por hacer|tarea|tareas|acción|acciones|próximos pasos)\s*(?::|–|-)\s*|\[ ?\]\s*)/iu,
  noTask: /^(?:si|cuando|porque)(?![\p{L}])|(?<![\p{L}])(?:me (?:oyes|escuchas|oís)|tenemos que decidir si)(?![\p{L}])/iu,
  stageTalk: /(?<![\p{L}])(?:voy a|puedo) (?:mostrar|empezar|explicar|decir|contar|enseñar)\p{L}*/iu,
  open: /(?<![\p{L}])(?:pregunta abierta|(?:queda|falta) por (?:decidir|ver|definir)|aún no (?:sabemos|está claro|se ha decidido)|no sabemos (?:si|cómo|cuándo|quién)|por confirmar)(?![\p{L}])/iu,
  question: /\p{L}/u,
  noQuestion: /^¿?(?:me (?:oyes|escuchas|oís)|qué tal|cómo (?:estás|están|va)|perdón|qué|sí|no|verdad|listos?|de acuerdo)(?![\p{L}])/iu,
  deferral: /(?<![\p{L}])(?:no (?:lo )?sé|ni idea|no estoy segur[oa]|buena pregunta|más tarde|luego|la semana que viene|(?:tengo|hay) que (?:ver|preguntar|comprobar)|depende)(?![\p{L}])/iu,
  reply: /^(?:sí|no|claro|exacto|por supuesto|vale|ok|de acuerdo|hecho|correcto|así es)(?![\p{L}])/iu,
  assent: /^(?:sí|claro|vale|ok|de acuerdo|hecho|por supuesto|sin problema|yo (?:me encargo|lo hago)|me encargo|lo (?:hago|reviso|envío)|entendido|👍|✅)(?![\p{L}])/iu,
  agenda: /(?<![\p{L}])(?:importante\p{L}*|objetivo\p{L}*|decid\p{L}*|decisión|problema\p{L}*|presupuesto|plazo|resultado\p{L}*|riesgo\p{L}*|hay que|debemos|coste\p{L}*|propon\p{L}*)(?![\p{L}])/iu,
  leaning: /^(?:eso|esto|este|esta|ese|esa|es que|él|ella|ellos|o|porque|que|y|entonces)(?![\p{L}])/iu,
  courtesy: /^(?:hola|buenos días|buenas(?: tardes| noches)?|gracias|muchas gracias|saludos|un saludo|perfecto|genial|vale|ok|sí)(?![\p{L}])[^.?!]{0,40}[.!]*$/iu,
};

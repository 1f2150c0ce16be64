// What the core says of a catalog that it refuses, in the languages that are not its own.

/** Sentences that are always the same. */
const RULES: Readonly<Record<string, string>> = {
  'a name has 1 to 100 bytes and no control characters': 'un nom a de 1 à 100 octets et aucun caractère de contrôle',
  'a description is needed': 'il faut une description',
  'a purpose is needed': 'il faut une finalité',
  'there are at most three groups': 'il y a trois groupes au plus',
  'a key has 1 to 100 bytes and no control characters': 'une clé a de 1 à 100 octets et aucun caractère de contrôle',
  'two groups have the same key': 'deux groupes ont la même clé',
  "a span's selectors, and only they, have a start": 'les sélecteurs d’une durée, et eux seuls, ont un début (`start`)',
  'only a span can take the first event': 'seule une durée peut prendre le premier événement (`first`)',
  'the first event is the first of its type: `first` and `where` exclude each other':
    'le premier événement est le premier de son type : `first` et `where` s’excluent',
  'a variation is identified by its fluid, which has no `other`':
    'une variation s’identifie par son fluide, qui n’a pas de `other`',
  'it reads no events': 'il ne lit aucun événement',
  'a count with `until` is monthly': 'un compte avec `until` est mensuel',
  '0 can only be a measure where there are no groups': '0 ne peut être une mesure que s’il n’y a pas de groupe',
  '`integers` goes from a smaller to a larger digit': '`integers` va d’un chiffre à un plus grand',
  'only sessions, spans and observations can be sent each':
    'seules les sessions, les durées et les observations peuvent être envoyées une à une (`each`)',
  'only a count with `until` can be reached': 'seul un compte avec `until` peut être atteint (`reached`)',
  'only a session has events inside': 'seule une session contient des événements (`inside`)',
  'what is inside a session does not identify it': 'ce que contient une session ne l’identifie pas',
  'identity leaves out what an event decides': 'l’identité omet ce dont un événement décide',
  "a snapshot's groups come from `snapshot`, `seen` or a `constant`, and only its from the first two":
    'les groupes d’un instantané viennent de `snapshot`, de `seen` ou d’une constante (`constant`), et eux seuls des deux premiers',
  'what tells of the whole cell, `reached` or `inside`, cannot depend on the selector':
    'ce qui parle de toute la cellule, `reached` ou `inside`, ne peut dépendre du sélecteur',
  'it has no origin of its own, and not every selector names one':
    'il n’a pas d’origine propre, et tous les sélecteurs n’en nomment pas une',
  'text of an event needs a list or a pattern': 'le texte d’un événement demande une liste ou un motif',
  'what is joined has its lists in its parts': 'ce qui est joint a ses listes dans ses parties',
  'its list is empty': 'sa liste est vide',
  "a selector's join or other pattern cannot stand for the group's list or pattern":
    'la jointure ou l’autre motif d’un sélecteur ne remplace pas la liste ou le motif du groupe',
  'a join has parts, and with them at most 100 bytes and no control characters':
    'une jointure a des parties, et avec elles 100 octets au plus et aucun caractère de contrôle',
  "a join's part is of the event": 'une partie d’une jointure vient de l’événement',
  '`inside` and `buckets` need each other': '`inside` et `buckets` vont ensemble',
  'buckets begin at 0 and rise': 'les tranches commencent à 0 et croissent',
  'there are as many values as buckets, each once': 'il y a autant de valeurs que de tranches, chacune une fois',
  'a value has 1 to 100 bytes and no control characters':
    'une valeur a de 1 à 100 octets et aucun caractère de contrôle',
  'one of `field`, `first` and `latest` is needed': 'il faut l’un de `field`, `first` et `latest`',
  '`integers` has two numbers': '`integers` a deux nombres',
  'only characters, [classes] and ? * + {n,m} are known':
    'seuls des caractères, des [classes] et ? * + {n,m} sont connus',
  'a pattern has at least one character, all printable ASCII':
    'un motif a au moins un caractère, tous de l’ASCII imprimable',
  'a class lists its characters': 'une classe énumère ses caractères',
  'a range in a class has its smaller character first':
    'un intervalle d’une classe commence par le plus petit caractère',
  '{n,m} has its smaller number first': '{n,m} commence par le plus petit nombre',
  "a group's value has one origin only": 'la valeur d’un groupe n’a qu’une origine',
  'a group has a list or a pattern, not both': 'un groupe a une liste ou un motif, pas les deux',
  'an id is a number from 1 to 2147483647': 'un identifiant est un nombre de 1 à 2147483647',
  'aggregationThreshold is a number from 5 to 2147483647': 'aggregationThreshold est un nombre de 5 à 2147483647',
  'this is not JSON': 'ce n’est pas du JSON',
  'an object is needed': 'il faut un objet',
  'a list is needed': 'il faut une liste',
  'a text is needed': 'il faut un texte',
  'true or false is needed': 'il faut true ou false',
}

/** Sentences with something of the catalog in them. */
const PARTS: readonly [RegExp, string][] = [
  [/^unknown field `(.*)`, expected (.*)$/, 'le champ `$1` est inconnu ; sont connus $2'],
  [/^missing field `(.*)`$/, 'il manque le champ `$1`'],
  [/^expected (`.*)$/, 'il faut l’un de $1'],
  [/^a whole number from (\d+) to (\d+) is needed$/, 'il faut un nombre entier de $1 à $2'],
  [/^there is no event type (.*)$/, 'il n’y a pas d’événement de type $1'],
  [/^(.*) names (.*), which is no group$/, '$1 nomme $2, qui n’est pas un groupe'],
  [/^(.*) is not in its list or pattern$/, '$1 n’est pas dans sa liste ou son motif'],
  [/^override: (.*) is no built-in indicator$/, 'override : $1 n’est pas un indicateur intégré'],
  [/^(.*) and (.*) have one id, (\d+)$/, '$1 et $2 ont le même identifiant, $3'],
  [/^(.*) is defined twice$/, '$1 est défini deux fois'],
]

/** In French; what is not known here stays as the core says it. */
export function frenchRefusal(sentence: string): string {
  if (Object.hasOwn(RULES, sentence)) return RULES[sentence] ?? sentence
  for (const [pattern, words] of PARTS) if (pattern.test(sentence)) return sentence.replace(pattern, words)
  // The place comes first: `the catalog cannot be read: indicators[0].value: an object is needed`.
  const [, place, why] = /^(.*?): (.*)$/.exec(sentence) ?? []
  if (place === undefined || why === undefined) return sentence
  return `${place
    .replace('the catalog cannot be read', 'le catalogue ne peut être lu')
    .replace(/^catalog$/, 'catalogue')
    .replace(/^group /, 'groupe ')} : ${frenchRefusal(why)}`
}

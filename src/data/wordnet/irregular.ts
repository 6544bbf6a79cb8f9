/** @file English words whose inflection follows no ending, as far as captions use them; WordNet's own lists are not in the package. */
import type { WordNetClass } from './lemmas.ts';

/** A base form and its irregular forms; left out are those that mostly are another word (left, ground, felt, rose). */
const verbs = `
  be am are is was were been
  have has had
  do does did done
  go goes went gone
  begin began begun; bend bent; bite bitten; blow blew blown; break broke broken; bring brought; build built; buy bought;
  catch caught; choose chose chosen; come came; dig dug; draw drew drawn; drink drank drunk; drive drove driven; eat ate eaten;
  fall fell fallen; feed fed; fight fought; find found; fly flew flown; get got gotten; give gave given; grow grew grown;
  hang hung; hide hid hidden; hold held; keep kept; kneel knelt; know knew known; lay laid; lead led; lean leant; leap leapt;
  lie lay lain lying; light lit; lose lost; make made; meet met; ride rode ridden; ring rang rung; run ran; say said;
  see saw seen; sell sold; send sent; shake shook shaken; shoot shot; show shown; sing sang sung; sit sat; sleep slept; slide slid;
  speak spoke spoken; stand stood; steal stole stolen; stick stuck; string strung; swim swam swum; swing swung; take took taken;
  teach taught; tear tore torn; tell told; think thought; throw threw thrown; tie tying; wear wore worn; win won;
  write wrote written`;

const nouns = `
  calf calves; child children; foot feet; goose geese; half halves; knife knives; leaf leaves; loaf loaves; man men; mouse mice;
  person people; scarf scarves; shelf shelves; thief thieves; tooth teeth; wife wives; wolf wolves; woman women`;

/** Base forms of irregular forms; some have two (lay). */
function table(text: string): ReadonlyMap<string, readonly string[]> {
  const bases = new Map<string, readonly string[]>();
  for (const entry of text.split(/[;\n]/)) {
    const [base, ...forms] = entry.trim().split(/\s+/);
    for (const form of forms) bases.set(form, [...(bases.get(form) ?? []), base]);
  }
  return bases;
}

/** By part of speech: irregular form to base forms. */
export const irregular: { readonly [C in WordNetClass]?: ReadonlyMap<string, readonly string[]> } = {
  noun: table(nouns),
  verb: table(verbs),
};

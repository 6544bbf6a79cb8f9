/** @file English words that hold sentences together and show nothing. */

/** Articles, prepositions, conjunctions and pronouns. */
export const functionWords: ReadonlySet<string> = new Set(
  `a an the
  aboard about above across after against along amid among around as at atop away before behind below beneath beside besides
  between beyond by despite down during except for from in inside into like near next of off on onto out outside over past per
  since through throughout to toward towards under underneath until up upon via while with within without
  although and because both but either if neither nor or so than that though unless when where whether yet
  another any anyone anything each every everyone everything he her hers herself him himself his i it its itself many me mine
  my nobody none nothing one ones other others our ours several she some someone something such their theirs them themselves
  there these they this those us we what which who whom whose you your yours`.split(/\s+/),
);

/** Forms of the auxiliary verbs. */
export const auxiliaries: ReadonlySet<string> = new Set(
  'am are be been being did do does doing had has have having is was were'.split(' '),
);

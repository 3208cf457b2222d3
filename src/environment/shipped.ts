/** The environments that come with the app, by the names of their packs in `public/packs`. */
export const shippedPacks = ['travel', 'chat'] as const;
export type ShippedPack = (typeof shippedPacks)[number];

/** The one that new runs use unless they name another. */
export const usualPack: ShippedPack = 'travel';

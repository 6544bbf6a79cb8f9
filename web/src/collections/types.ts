/** @file Answers of which the server's schemas have no type by name. */
import type { z } from 'zod';
import type { deletedItemsSchema } from '../../../src/server/schema/items.ts';

export type DeletedItems = z.output<typeof deletedItemsSchema>;

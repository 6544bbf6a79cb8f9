/** @file Thumbnails and pictures of items: their addresses; the answers are picture files. */
import { z } from 'zod';

export const thumbnailQuery = z.object({
  size: z.enum(['160', '320', '640']).default('320').meta({ description: 'longest side in pixels' }),
  v: z.string().max(64).optional().meta({ description: 'content of the picture, so that it can be kept for ever' }),
});

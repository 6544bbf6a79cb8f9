/** @file The description of the API (OpenAPI 3.1), from the same schemas that requests are checked by. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { scopeOf } from './auth/access.ts';
import type { AppEnv } from './env.ts';
import { problemSchema } from './schema/problem.ts';

type Document = ReturnType<OpenAPIHono<AppEnv>['getOpenAPI31Document']>;

const about = {
  openapi: '3.1.0',
  info: {
    title: 'Diptych',
    version: '1',
    description:
      'Search in collections of pictures by words, pictures and items. Where keys are needed they are sent as `Authorization: Bearer KEY`; each operation says which scope it needs.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
};

/** The description of all routes of an app, with what holds for each: keys and problems. */
export function openApiOf(app: OpenAPIHono<AppEnv>): Document {
  const registry = app.openAPIRegistry;
  registry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  registry.register('Problem', problemSchema);
  const document = app.getOpenAPI31Document(about);
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods as Record<string, Operation>)) {
      const scope = scopeOf(method.toUpperCase(), path);
      if (scope !== null) operation.security = [{ key: [] }];
      operation['x-scope'] = scope ?? 'none';
      operation.responses.default = {
        description: 'a problem (RFC 9457)',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      };
    }
  }
  return document;
}

/** What is written into an operation. */
interface Operation {
  security?: unknown;
  'x-scope'?: string;
  responses: Record<string, unknown>;
}

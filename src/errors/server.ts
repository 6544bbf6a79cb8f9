/** @file Errors of the service: requests that are refused, keys, limits, addresses. */
import { entry } from './entry.ts';

/** Exit code of a command that was written wrongly. */
const usage = 2;

export const serverErrors = {
  DIPTYCH_SERVER_REQUEST: entry<{ problems: readonly string[] }>({
    message: ({ problems }) => problems.join('; '),
    why: 'A field of the request is missing, unknown or of another type than it must be.',
    cure: 'Correct the fields named; /openapi.json and the page /docs describe every request.',
  }),
  DIPTYCH_SERVER_JSON: entry<{ reason: string }>({
    message: ({ reason }) => `the body is not JSON (${reason})`,
    why: 'The body of the request, or its part "request", cannot be read as JSON.',
    cure: 'Send valid JSON in UTF-8.',
  }),
  DIPTYCH_SERVER_FORM: entry<{ reason: string }>({
    message: ({ reason }) => `multipart/form-data: ${reason}`,
    why: 'The parts of a multipart request are cut off, badly written, or not the ones that the route takes.',
    cure: 'Send file parts and one part "request" that holds JSON, and let the HTTP library write the boundary.',
  }),
  DIPTYCH_SERVER_CONTENT_TYPE: entry<Readonly<Record<never, never>>>({
    message: () => 'the content type of the body is not one that is taken here',
    why: 'Bodies are read only as what they say they are, and only where the route takes that.',
    cure: 'Set the header Content-Type: application/json, or multipart/form-data where the route takes files; see /docs.',
  }),
  DIPTYCH_SERVER_ROUTE: entry<{ method: string; path: string }>({
    message: ({ method, path }) => `there is no ${method} ${path}`,
    why: 'The address, or the method at this address, is none of the service.',
    cure: 'See /docs for all addresses.',
  }),
  DIPTYCH_SERVER_INDEX_UNKNOWN: entry<{ name: string; known: readonly string[] }>({
    message: ({ name, known }) =>
      name === '' ? `name an index: ${known.join(', ')}` : `there is no index ${name} (there are ${known.join(', ')})`,
    why: 'The request names an index that is not served, or names none where there are several.',
    cure: 'Use one of the names; GET /v1/indexes lists them.',
  }),
  DIPTYCH_SERVER_BUNDLE_UNKNOWN: entry<{ name: string; known: readonly string[] }>({
    message: ({ name, known }) =>
      name === ''
        ? `name a bundle: ${known.join(', ')}`
        : `there is no bundle ${name} (there are ${known.join(', ') || 'none'})`,
    why: 'The request names a bundle that is not served, or the index is of a model whose bundle is not there.',
    cure: 'Use one of the names that GET /v1/bundles lists, or start the service with the bundle of the index.',
  }),
  DIPTYCH_SERVER_ITEM_UNKNOWN: entry<{ id: string }>({
    message: ({ id }) => `there is no item ${JSON.stringify(id)}`,
    why: 'No item of the index has this id.',
    cure: 'Use an id that a search or the list of items gives; within an address it is percent-encoded.',
  }),
  DIPTYCH_SERVER_PICTURE_MISSING: entry<{ id: string; reason: string }>({
    message: ({ id, reason }) => `${JSON.stringify(id)}: no picture (${reason})`,
    why: 'The item was stored as a vector, or its file was moved, removed or replaced by something that is no picture.',
    cure: 'Put the file back, or update the index.',
  }),
  DIPTYCH_SERVER_ITEM_FIELD: entry<{ field: string }>({
    message: ({ field }) => `the field "${field}" is written by the index itself`,
    why: 'Fields such as path, source and sha256 say where an item came from; a request cannot set them.',
    cure: 'Use another name for the field.',
  }),
  DIPTYCH_SERVER_JOB_UNKNOWN: entry<{ id: string }>({
    message: ({ id }) => `there is no job ${JSON.stringify(id)}`,
    why: 'The id is none of a job, or the job ended so long ago that its record was removed.',
    cure: 'GET /v1/jobs lists the jobs there are.',
  }),
  DIPTYCH_SERVER_JOB_FOLDER: entry<{ folder: string }>({
    message: ({ folder }) => `${folder}: neither a folder of this index nor one that the operator allows`,
    why: 'Through the service only folders are indexed that the index knows already, or that lie in a folder given with --allow-folder.',
    cure: 'Add the folder with `diptych index add`, or start the service with --allow-folder.',
  }),
  DIPTYCH_SERVER_CURSOR: entry<{ reason: string }>({
    message: ({ reason }) => `cursor: ${reason}`,
    why: 'A cursor belongs to one query and one version of the index, and goes down to a limited depth.',
    cure: 'Ask for the first page again, without a cursor.',
  }),
  DIPTYCH_SERVER_KEY_NEEDED: entry<Readonly<Record<never, never>>>({
    message: () => 'this service needs a key',
    why: 'The service was started with a file of keys, and the request carries none.',
    cure: 'Send the header "Authorization: Bearer KEY" with a key made by `diptych keys create`.',
  }),
  DIPTYCH_SERVER_KEY_UNKNOWN: entry<Readonly<Record<never, never>>>({
    message: () => 'this key is not known',
    why: 'The key is misspelt, or was revoked.',
    cure: 'Check the key, or make a new one with `diptych keys create`.',
  }),
  DIPTYCH_SERVER_SCOPE: entry<{ needed: string; scopes: readonly string[] }>({
    message: ({ needed, scopes }) => `this needs the scope ${needed}; the key has ${scopes.join(', ')}`,
    why: 'A key may do only what its scopes say: read, write or admin.',
    cure: 'Use a key with that scope.',
  }),
  DIPTYCH_SERVER_KEYS_FILE: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: ${reason}`,
    why: 'The file of keys can be read by others or is just being changed, or a key of that name is not there or there already.',
    cure: 'Set its mode to 600, try again, or correct the name; `diptych keys list` shows what there is.',
  }),
  DIPTYCH_SERVER_HOST: entry<{ host: string }>({
    message: ({ host }) => `this service is not called ${host || 'by no name'}`,
    why: 'The header Host is none that the service answers to: a page of another site may have been led here (DNS rebinding).',
    cure: 'Use the address that the service printed, or start it with --allow-host NAME.',
  }),
  DIPTYCH_SERVER_ORIGIN: entry<{ origin: string }>({
    message: ({ origin }) => `a request from ${origin || 'another site'} is refused`,
    why: 'Pages of other sites cannot make this service do anything (cross-site request forgery).',
    cure: 'Call the service from its own pages, or from a program.',
  }),
  DIPTYCH_SERVER_BODY: entry<{ limit: number }>({
    message: ({ limit }) => `the body is larger than ${limit} bytes`,
    why: 'Bodies above a limit are not read.',
    cure: 'Send less at once, or raise --max-body.',
  }),
  DIPTYCH_SERVER_BATCH: entry<{ what: string; count: number; limit: number }>({
    message: ({ what, count, limit }) => `${count} ${what} in one request; the limit is ${limit}`,
    why: 'One request may ask for a limited number of things, so that others get their turn.',
    cure: 'Ask in several requests.',
  }),
  DIPTYCH_SERVER_RATE: entry<{ seconds: number }>({
    message: ({ seconds }) => `too many requests; try again in ${seconds} s`,
    why: 'This caller asks more often than --rate allows.',
    cure: 'Wait as long as the header Retry-After says, or raise --rate.',
  }),
  DIPTYCH_SERVER_BUSY: entry<{ waiting: number }>({
    message: ({ waiting }) => `${waiting} requests wait already`,
    why: 'As many requests as --concurrency allows are being answered, and as many wait as can be answered in time; or what was sent and fetched for them takes as much memory as it may; or as many jobs wait.',
    cure: 'Wait as long as the header Retry-After says.',
  }),
  DIPTYCH_SERVER_READERS: entry<{ limit: number }>({
    message: ({ limit }) => `${limit} readers follow jobs and runs already`,
    why: 'Whoever follows events holds a connection for as long as it likes, so that there is room for a limited number.',
    cure: 'Close pages that follow jobs and runs, or ask again as the header Retry-After says.',
  }),
  DIPTYCH_SERVER_TIMEOUT: entry<{ seconds: number }>({
    message: ({ seconds }) => `not answered within ${seconds} s`,
    why: 'The request took longer than --timeout allows.',
    cure: 'Ask for less at once, use a job for long work, or raise --timeout.',
  }),
  DIPTYCH_SERVER_GONE: entry<Readonly<Record<never, never>>>({
    message: () => 'whoever asked has gone',
    why: 'The connection was closed before the answer was there.',
    cure: 'Nothing: nobody reads this answer.',
  }),
  DIPTYCH_SERVER_SWITCHING: entry<{ name: string }>({
    message: ({ name }) => `${name}: a new version was put into use, and its model is being loaded`,
    why: 'The index was built anew for another model, which the service cannot ask yet.',
    cure: 'Ask again after `Retry-After`. If it goes on, start the service with the bundle of the new version.',
  }),
  DIPTYCH_SERVER_URL: entry<{ url: string; reason: string }>({
    message: ({ url, reason }) => `${url}: not fetched (${reason})`,
    why: 'Pictures are fetched only from hosts given with --allow-fetch, never from private addresses, within limits.',
    cure: 'Send the picture itself, or let the operator allow the host.',
  }),
  DIPTYCH_SERVER_WORKSHOP: entry<{ reason: string }>({
    message: ({ reason }) => `the process that reads pictures ended (${reason})`,
    why: 'The system ended it, most often because memory ran out, or a picture broke the decoder. It is started again.',
    cure: 'Ask again; if it persists, leave out the picture.',
  }),
  DIPTYCH_SERVER_BIND: entry<{ host: string }>({
    message: ({ host }) => `${host}: without keys the service listens on 127.0.0.1 alone`,
    why: 'Without keys everybody who reaches the service may read and change all of it.',
    cure: 'Make a key with `diptych keys create FILE --name NAME` and start with --keys FILE.',
    exit: usage,
  }),
  DIPTYCH_SERVER_PORT: entry<{ host: string; port: number; reason: string }>({
    message: ({ host, port, reason }) => `${host}:${port}: cannot listen there (${reason})`,
    why: 'Another program listens on this port, or the system does not let this one.',
    cure: 'Choose another with --port; 0 takes any that is free.',
  }),
  DIPTYCH_SERVER_INTERNAL: entry<Readonly<Record<never, never>>>({
    message: () => 'something failed that was not foreseen',
    why: 'A mistake of ours, or of a library. The log has it under the id of the request.',
    cure: 'Report what the log says under that id.',
  }),
} as const;

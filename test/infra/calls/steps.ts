/** Steps of which the scenarios make their workflows. */
const call = (tool: string, name: string) => ({ service: 'maker', tool, arguments: { name } });

export const make = (id: string, name = id) => ({ id, call: call('make', name) });

/** Its undo is `unmake` of the same name. */
export const undoable = (id: string, name = id) => ({ ...make(id, name), compensate: call('unmake', name) });

export const rest = (seconds: number) => ({ id: 'rest', wait: { seconds } });

export const asks = { id: 'ok', approval: { message: 'Go on?' } };

export const nested = (name: string, more: object = {}) => ({ id: 'nested', workflow: { name }, ...more });

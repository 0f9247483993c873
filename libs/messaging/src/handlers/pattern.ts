export type Pattern = 'work' | 'fanout' | 'topic' | 'rpc';

/**
 * Functions start with this import, before any schema is made: zod then checks values without compiling a program
 * for each schema, which costs a cold start more than all that it parses. What it finds wrong it says in English,
 * also where it is used in its small form, which has no language of its own.
 */
import { en } from 'zod/locales';
import * as z from 'zod/mini';

z.config({ ...en(), jitless: true });

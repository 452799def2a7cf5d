/**
 * Functions start with this import, before any schema is made: zod then checks values without compiling a program
 * for each schema, which costs a cold start more than all that it parses.
 */
import * as z from 'zod';

z.config({ jitless: true });

// SPDX-License-Identifier: GPL-2.0
/*
 * output - JSON on standard output
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pnicfw.h"

/* Memory is short only where nothing else works either. */
static char *json_text(cJSON *object, bool pretty)
{
	char *text = pretty ? cJSON_Print(object) :
			      cJSON_PrintUnformatted(object);

	cJSON_Delete(object);
	if (text)
		return text;
	fprintf(stderr, "Error: out of memory.\n");
	exit(EXIT_REFUSED);
}

/**
 * json_print - print one object
 * @object: the object, freed
 */
void json_print(cJSON *object)
{
	char *text = json_text(object, options.pretty);

	puts(text);
	free(text);
}

/**
 * json_print_line - print one object on one line, whatever -p says
 * @object: the object, freed
 */
void json_print_line(cJSON *object)
{
	char *text = json_text(object, false);

	puts(text);
	free(text);
}

/**
 * json_add_u64 - add a number exactly
 * @object: to
 * @name: under
 * @value: the number; as a double it may lose its last digits
 */
void json_add_u64(cJSON *object, const char *name, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	cJSON_AddRawToObject(object, name, digits);
}

/**
 * list_add - print the next object of a list
 * @list: its state, zero before the first one
 * @object: the object, freed
 */
void list_add(struct list *list, cJSON *object)
{
	char *text = json_text(object, options.pretty), *at;

	putchar(list->any ? ',' : '[');
	list->any = true;
	if (options.pretty)
		fputs("\n\t", stdout);
	for (at = text; *at; at++) {
		putchar(*at);
		if (*at == '\n')
			putchar('\t');
	}
	free(text);
}

/**
 * list_end - end a list
 * @list: its state
 * @status: the exit status; a list that is refused is not an empty one
 *
 * Return: @status.
 */
int list_end(const struct list *list, int status)
{
	if (!options.json)
		return status;
	if (list->any)
		puts(options.pretty ? "\n]" : "]");
	else if (!status)
		puts("[]");
	return status;
}

/* A program with the symbols that V8 has, and what they are worth printed as C sees them. The array
 * of builtins has the shape of V8's. Names with _ZN are C++'s, spelt out. */
#include <stdint.h>
#include <stdio.h>

#define EXPORT __attribute__((visibility("default"), used))

EXPORT int v8dbg_SmiTag = 0;
EXPORT int v8dbg_Negative = -7;
EXPORT int v8dbg_class_Map__instance_type__uint16_t = 12;
EXPORT uintptr_t nodedbg_offset_Known__field = 0x123456789a;
EXPORT uintptr_t nodedbg_offset_Later__field;

#ifdef INITIALISED
__attribute__((used, constructor)) static void _GLOBAL__sub_I_nodedbg_sample(void) {
    nodedbg_offset_Later__field = 48;
}
#endif

EXPORT int _ZN2v88internal7Version6major_E = 13;
EXPORT int _ZN2v88internal7Version6minor_E = 6;
EXPORT int _ZN2v88internal7Version6build_E = 0;
EXPORT int _ZN2v88internal7Version6patch_E = 17;
EXPORT const char *_ZN2v88internal7Version9embedder_E = "-sample.1";

EXPORT const char *_ZN2v88internal10RootsTable11root_names_E[] = {
    "meta_map", "undefined_value", "empty_string",
};
#define ROOTS _ZN2v88internal10RootsTable11root_names_E

/* Wide, four bytecodes without a handler's name but the last, as short stars are; three scales. */
EXPORT const unsigned char _ZN2v88internal11interpreter9Bytecodes14kBytecodeSizesE[] = {
    1, 1, 2, 1, 1, 3, 1, 1, 5,
};

struct metadata {
    const char *name;
    int kind;
    union {
        void *entry;
        struct {
            unsigned char bytecode, scale;
        } handled;
    } data;
};

static __attribute__((used)) const struct metadata
    _ZN2v88internal12_GLOBAL__N_1L16builtin_metadataE[] = {
        {"ArrayPush", 3, {.entry = &v8dbg_SmiTag}},
        {"WideHandler", 1, {.handled = {0, 1}}},
        {"LdarHandler", 1, {.handled = {2, 1}}},
        {"LdarWideHandler", 1, {.handled = {2, 2}}},
        {"Strange", 9, {.entry = 0}},
};
#define BUILTINS _ZN2v88internal12_GLOBAL__N_1L16builtin_metadataE

EXPORT const uint32_t v8_Default_embedded_blob_code_size_ = 4096;
EXPORT const uint32_t v8_Default_embedded_blob_data_size_ = 64;
EXPORT const char v8_Default_embedded_blob_code_[64] = "code";
/* As in 10.2: the shorter name is a pointer. */
EXPORT const char v8_Default_embedded_blob_data_data_[64] = "data";
EXPORT const char *v8_Default_embedded_blob_data_ = v8_Default_embedded_blob_data_data_;
EXPORT const char *agent = "node.js/v24.1.2";

int main(void) {
    printf("symbol v8dbg_SmiTag %d\n", v8dbg_SmiTag);
    printf("symbol v8dbg_Negative %d\n", v8dbg_Negative);
    printf("symbol v8dbg_class_Map__instance_type__uint16_t %d\n",
           v8dbg_class_Map__instance_type__uint16_t);
    printf("symbol nodedbg_offset_Known__field %lu\n", (unsigned long)nodedbg_offset_Known__field);
    printf("symbol nodedbg_offset_Later__field %lu\n", (unsigned long)nodedbg_offset_Later__field);
    for (unsigned at = 0; at < sizeof ROOTS / sizeof *ROOTS; at++)
        printf("root %s\n", ROOTS[at]);
    for (unsigned at = 0; at < sizeof BUILTINS / sizeof *BUILTINS; at++)
        printf("builtin %s %d\n", BUILTINS[at].name, BUILTINS[at].kind);
    return 0;
}

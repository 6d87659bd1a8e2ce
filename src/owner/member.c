#include "owner/member.h"

#include <string.h>

#include "core/break.h"
#include "owner/pad.h"

/* Rows that a writer has present, beyond those a schema requires. */
#define ROW(n) (1u << (n))

void keel_member_wipe(struct keel_member *m)
{
	keel_wipe(m, sizeof(*m));
}

void keel_entry_wipe(struct keel_entry *e)
{
	keel_wipe(e, sizeof(*e));
}

static struct keel_bytes pub(const struct keel_p256_pub *p)
{
	return KEEL_VIEW(p->xy);
}

/* D as hello names it: on the curve, and the one whose thumbprint the label or invitation has. */
static enum keel_err meet(struct keel_member *m, const struct keel_hello *hello)
{
	uint8_t seen[KEEL_THUMBPRINT_LEN];
	memcpy(m->device_sign.xy, hello->sign.p, sizeof(m->device_sign.xy));
	memcpy(m->device_agree.xy, hello->agree.p, sizeof(m->device_agree.xy));
	keel_thumbprint(&m->device_sign, &m->device_agree, seen);
	if (!keel_ct_equal(KEEL_VIEW(seen), KEEL_VIEW(m->device)) ||
		!keel_bytes_equal(hello->id, KEEL_VIEW(m->id)))
		return KEEL_EAUTH;
	enum keel_err e = keel_p256_check(&m->device_sign);
	return e == KEEL_OK ? keel_p256_check(&m->device_agree) : e;
}

/* O, made for this home and no other. */
static enum keel_err make_keys(struct keel_member *m)
{
	keel_p256_generate(&m->sign);
	keel_p256_generate(&m->agree);
	keel_thumbprint(&m->sign.pub, &m->agree.pub, m->thumbprint);
	return keel_p256_agree(&m->agree, &m->device_agree, &m->shared);
}

static enum keel_err write_claim(const struct keel_entry *e, struct keel_bytes home,
	struct keel_bytes invitation, struct keel_wr *w)
{
	const struct keel_member *m = &e->member;
	uint8_t buf[1024];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	const struct keel_names names = { .device = KEEL_VIEW(m->id), .home = home };
	const struct keel_claim body = {
		.has = invitation.n > 0 ? ROW(KEEL_CLAIM_INVITATION) : 0,
		.thumbprint = KEEL_VIEW(m->device),
		.sign = pub(&m->sign.pub),
		.agree = pub(&m->agree.pub),
		.device_nonce = KEEL_VIEW(e->device_nonce),
		.app_nonce = KEEL_VIEW(e->app_nonce),
		.invitation = invitation,
	};
	enum keel_err err = keel_payload_write(
		(enum keel_purpose)e->purpose, &names, &keel_claim_schema, &body, &inner);
	if (err == KEEL_OK)
		err = keel_wr_end(&inner, &payload);
	if (err != KEEL_OK)
		return err;
	return keel_cose_mac0((struct keel_bytes){ e->key, (size_t)e->key_len },
		(struct keel_bytes){ 0 }, payload, w);
}

static enum keel_err begin(struct keel_entry *e, struct keel_bytes hello_bytes)
{
	struct keel_hello hello;
	enum keel_err err = keel_schema_read(&keel_hello_schema, hello_bytes, &hello, NULL);
	if (err == KEEL_OK)
		err = meet(&e->member, &hello);
	if (err == KEEL_OK)
		err = make_keys(&e->member);
	if (err != KEEL_OK)
		return err;
	memcpy(e->device_nonce, hello.nonce.p, sizeof(e->device_nonce));
	keel_random(e->app_nonce, sizeof(e->app_nonce));
	return KEEL_OK;
}

enum keel_err keel_entry_claim(const struct keel_label *label, enum keel_purpose purpose,
	struct keel_bytes hello, struct keel_entry *e, struct keel_wr *w)
{
	keel_auto(keel_entry_wipe) struct keel_entry t = { .purpose = purpose };
	keel_auto(keel_key_wipe) struct keel_key key;
	memcpy(t.member.id, label->id, sizeof(t.member.id));
	memcpy(t.member.device, label->thumbprint, sizeof(t.member.device));
	enum keel_err err = begin(&t, hello);
	if (err != KEEL_OK)
		return err;
	keel_code_key(&label->code, label->id, &key);
	memcpy(t.key, key.b, sizeof(key.b));
	t.key_len = sizeof(key.b);
	err = write_claim(&t, (struct keel_bytes){ 0 }, (struct keel_bytes){ 0 }, w);
	if (err == KEEL_OK)
		*e = t;
	return err;
}

enum keel_err keel_entry_join(struct keel_bytes invitation, struct keel_bytes hello,
	struct keel_entry *e, struct keel_wr *w)
{
	keel_auto(keel_entry_wipe) struct keel_entry t = { .purpose = KEEL_FOR_JOIN };
	struct keel_invitation in;
	enum keel_err err = keel_schema_read(&keel_invitation_schema, invitation, &in, NULL);
	if (err != KEEL_OK)
		return err;
	memcpy(t.member.id, in.id.p, sizeof(t.member.id));
	memcpy(t.member.device, in.thumbprint.p, sizeof(t.member.device));
	memcpy(t.member.home, in.home.p, sizeof(t.member.home));
	memcpy(t.key, in.secret.p, KEEL_SECRET_LEN);
	t.key_len = KEEL_SECRET_LEN;
	err = begin(&t, hello);
	if (err == KEEL_OK)
		err = write_claim(&t, KEEL_VIEW(t.member.home), in.invitation, w);
	if (err == KEEL_OK)
		*e = t;
	return err;
}

/* What D signed, with D's own name on it: the kid is not under the signature, so it is compared. */
static enum keel_err verify_device(
	const struct keel_member *m, struct keel_bytes sign1, struct keel_bytes *payload)
{
	struct keel_bytes kid;
	enum keel_err e =
		keel_cose_verify1(&m->device_sign, sign1, (struct keel_bytes){ 0 }, payload);
	if (e == KEEL_OK)
		e = keel_cose_sign1_kid(sign1, &kid);
	return e == KEEL_OK && !keel_bytes_equal(kid, KEEL_VIEW(m->device)) ? KEEL_EAUTH : e;
}

/* The half that proves the code, or the invitation's secret, and brings the home id. */
static enum keel_err check_claimed(
	const struct keel_entry *e, struct keel_bytes mac0, uint8_t home[KEEL_HOME_ID_LEN])
{
	struct keel_envelope env;
	struct keel_claimed body;
	struct keel_bytes payload;
	enum keel_err err = keel_cose_mac0_verify((struct keel_bytes){ e->key, (size_t)e->key_len },
		mac0, (struct keel_bytes){ 0 }, &payload);
	if (err == KEEL_OK)
		err = keel_envelope_read(
			keel_claim_answer((enum keel_purpose)e->purpose), payload, &env);
	if (err == KEEL_OK)
		err = keel_schema_read(&keel_claimed_schema, env.body, &body, NULL);
	if (err != KEEL_OK)
		return err;
	if (!keel_bytes_equal(env.device, KEEL_VIEW(e->member.id)) ||
		!keel_bytes_equal(body.thumbprint, KEEL_VIEW(e->member.device)) ||
		!keel_bytes_equal(body.owner, KEEL_VIEW(e->member.thumbprint)) ||
		!keel_bytes_equal(body.device_nonce, KEEL_VIEW(e->device_nonce)) ||
		!keel_bytes_equal(body.app_nonce, KEEL_VIEW(e->app_nonce)) ||
		(e->purpose == KEEL_FOR_JOIN &&
			!keel_bytes_equal(env.home, KEEL_VIEW(e->member.home))))
		return KEEL_EAUTH;
	return keel_bytes_copy(env.home, home, KEEL_HOME_ID_LEN) == KEEL_OK ? KEEL_OK : KEEL_EFORM;
}

enum keel_err keel_entry_welcome(
	const struct keel_entry *e, struct keel_bytes in, struct keel_member *out)
{
	struct keel_welcome welcome;
	struct keel_welcomed body;
	keel_auto(keel_member_wipe) struct keel_member m = e->member;
	enum keel_err err = keel_schema_read(&keel_welcome_schema, in, &welcome, NULL);
	if (err == KEEL_OK)
		err = check_claimed(e, welcome.claimed, m.home);
	if (err == KEEL_OK)
		err = keel_member_verify(
			&m, KEEL_FOR_WELCOME, &keel_welcomed_schema, welcome.welcome, &body);
	if (err != KEEL_OK)
		return err;
	if (!keel_bytes_equal(body.owner, KEEL_VIEW(m.thumbprint)) ||
		!keel_bytes_equal(body.app_nonce, KEEL_VIEW(e->app_nonce)))
		return KEEL_EAUTH;
	m.role = body.role;
	*out = m;
	return KEEL_OK;
}

static struct keel_names names_to_device(const struct keel_member *m)
{
	return (struct keel_names){ KEEL_VIEW(m->id), KEEL_VIEW(m->home), KEEL_VIEW(m->device) };
}

static enum keel_err seal_request(
	const struct keel_member *m, const struct keel_request *request, struct keel_wr *w)
{
	uint8_t buf[KEEL_BODY_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes plain;
	const struct keel_names names = names_to_device(m);
	enum keel_err e = keel_request_write(&names, request, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &plain);
	if (e == KEEL_OK)
		e = keel_cose_seal_static(
			&m->shared, KEEL_VIEW(m->thumbprint), KEEL_VIEW(m->device), plain, w);
	keel_wipe(buf, sizeof(buf));
	return e;
}

static enum keel_err write_args(const struct keel_op *op, const void *args, uint8_t *buf,
	size_t cap, struct keel_bytes *out)
{
	static const struct keel_nothing nothing;
	struct keel_wr w = keel_wr_of(buf, cap);
	keel_schema_write(op->args, args == NULL ? &nothing : args, &w);
	return keel_wr_end(&w, out);
}

enum keel_err keel_member_ask(const struct keel_member *m, const struct keel_op *op,
	const void *args, uint8_t nonce[KEEL_REQUEST_NONCE_LEN], struct keel_wr *w)
{
	uint8_t buf[1024];
	struct keel_request request = { .has = ROW(KEEL_REQUEST_OP), .op = op->number };
	if (args != NULL) {
		enum keel_err e = write_args(op, args, buf, sizeof(buf), &request.args);
		if (e != KEEL_OK)
			return e;
		request.has |= ROW(KEEL_REQUEST_ARGS);
	}
	keel_random(nonce, KEEL_REQUEST_NONCE_LEN);
	request.nonce = (struct keel_bytes){ nonce, KEEL_REQUEST_NONCE_LEN };
	return seal_request(m, &request, w);
}

static enum keel_err sign_change(
	const struct keel_member *m, const struct keel_change *change, struct keel_wr *w)
{
	uint8_t buf[4096];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload;
	const struct keel_names names = { KEEL_VIEW(m->id), KEEL_VIEW(m->home), { 0 } };
	const struct keel_signer signer = keel_signer_of(&m->sign);
	enum keel_err e =
		keel_payload_write(KEEL_FOR_CHANGE, &names, &keel_change_schema, change, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	if (e != KEEL_OK)
		return e;
	return keel_cose_sign1(
		&signer, KEEL_VIEW(m->thumbprint), (struct keel_bytes){ 0 }, payload, w);
}

enum keel_err keel_member_change(struct keel_member *m, const struct keel_op *op, const void *args,
	struct keel_bytes challenge, uint8_t nonce[KEEL_REQUEST_NONCE_LEN], struct keel_wr *w)
{
	uint8_t args_buf[2048];
	uint8_t signed_buf[4096];
	struct keel_wr inner = keel_wr_of(signed_buf, sizeof(signed_buf));
	struct keel_change change = {
		.op = op->number, .challenge = challenge, .counter = m->counter + 1
	};
	struct keel_request request = { .has = ROW(KEEL_REQUEST_CHANGE) };
	enum keel_err e = write_args(op, args, args_buf, sizeof(args_buf), &change.args);
	if (e == KEEL_OK)
		e = sign_change(m, &change, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &request.change);
	if (e != KEEL_OK)
		return e;
	keel_random(nonce, KEEL_REQUEST_NONCE_LEN);
	request.nonce = (struct keel_bytes){ nonce, KEEL_REQUEST_NONCE_LEN };
	e = seal_request(m, &request, w);
	keel_wipe(args_buf, sizeof(args_buf));
	keel_wipe(signed_buf, sizeof(signed_buf));
	if (e == KEEL_OK)
		m->counter++;
	return e;
}

enum keel_err keel_member_answer(const struct keel_member *m,
	const uint8_t nonce[KEEL_REQUEST_NONCE_LEN], struct keel_bytes sealed, uint8_t *buf,
	struct keel_request_answer *out)
{
	struct keel_bytes from;
	struct keel_bytes to;
	struct keel_bytes plain;
	struct keel_request_answer answer;
	const struct keel_names names = { KEEL_VIEW(m->id), KEEL_VIEW(m->home),
		KEEL_VIEW(m->thumbprint) };
	enum keel_err e = keel_cose_seal_kids(sealed, &from, &to);
	if (e == KEEL_OK && (!keel_bytes_equal(from, KEEL_VIEW(m->device)) ||
				    !keel_bytes_equal(to, KEEL_VIEW(m->thumbprint))))
		e = KEEL_EAUTH;
	if (e == KEEL_OK)
		e = keel_cose_open_static(&m->shared, sealed, buf, &plain);
	if (e == KEEL_OK)
		e = keel_payload_read(
			KEEL_FOR_ANSWER, &names, &keel_request_answer_schema, plain, &answer);
	if (e == KEEL_OK && !keel_padding_good(answer.padding))
		e = KEEL_EFORM;
	if (e != KEEL_OK)
		return e;
	if (!keel_bytes_equal(answer.nonce, (struct keel_bytes){ nonce, KEEL_REQUEST_NONCE_LEN }) &&
		!keel_broken("any-answer-taken"))
		return KEEL_EAUTH;
	*out = answer;
	return KEEL_OK;
}

enum keel_err keel_member_verify(const struct keel_member *m, enum keel_purpose purpose,
	const struct keel_schema *schema, struct keel_bytes sign1, void *body)
{
	struct keel_bytes payload;
	const struct keel_names names = { KEEL_VIEW(m->id), KEEL_VIEW(m->home), { 0 } };
	enum keel_err e = verify_device(m, sign1, &payload);
	return e == KEEL_OK ? keel_payload_read(purpose, &names, schema, payload, body) : e;
}
